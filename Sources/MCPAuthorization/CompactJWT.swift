import FoundationEssentials
package import MCPProtocol

/// A signed token in three parts (RFC 7519; RFC 7515, 7.1), read but not verified.
package struct CompactJWT: Sendable {
    package var header: JSON
    package var claims: JSON
    package var signature: [UInt8]
    /// What the signature is over.
    package var signed: [UInt8]

    /// Nil when the text is something else: an opaque token.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.json(parts[0]), let claims = Self.json(parts[1]),
            let signature = Self.bytes(parts[2]), header["alg"]?.kind == .string
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    private static func json(_ part: Substring) -> JSON? {
        guard let bytes = bytes(part), let json = try? JSON(parsing: bytes, limits: JSON.Limits(depth: 32)),
            json.kind == .object
        else { return nil }
        return json
    }

    private static func bytes(_ part: Substring) -> [UInt8]? {
        var text = ""
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "-"): text += "+"
            case UInt8(ascii: "_"): text += "/"
            case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
            default: text.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text).map(Array.init)
    }
}
