/// The parameters of a query or a form (`application/x-www-form-urlencoded`). One that is empty counts as absent
/// (RFC 6749, 3.1).
package struct OAuthParameters: Sendable, Equatable {
    private var values: [String: [String]] = [:]

    /// More than this is nobody's form.
    package static let most = 100

    /// - Throws: ``OAuthError`` for what is no form: a broken escape, bytes that are not UTF-8, too many parameters.
    package init(parsing text: some StringProtocol) throws(OAuthError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "&"))
        guard parts.count <= Self.most else { throw OAuthError(.invalidRequest, "There are too many parameters") }
        for part in parts {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decode(pair[0])
            let value = pair.count > 1 ? try Self.decode(pair[1]) : ""
            if !value.isEmpty { values[name, default: []].append(value) }
        }
    }

    package init(parsing bytes: [UInt8]) throws(OAuthError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OAuthError(.invalidRequest, "The body is not UTF-8")
        }
        try self.init(parsing: text)
    }

    package init(_ values: [String: String] = [:]) {
        self.values = values.filter { !$0.value.isEmpty }.mapValues { [$0] }
    }

    /// The first of that name.
    package subscript(_ name: String) -> String? { values[name]?.first }

    package func all(_ name: String) -> [String] { values[name] ?? [] }

    /// - Throws: ``OAuthError`` when there is none.
    package func required(_ name: String) throws(OAuthError) -> String {
        guard let value = self[name] else { throw .missing(name) }
        return value
    }

    /// Nothing may be there twice (RFC 6749, 3.1), but for a resource (RFC 8707, 2).
    package func requireSingle() throws(OAuthError) {
        if values.contains(where: { $0.key != "resource" && $0.value.count > 1 }) {
            throw OAuthError(.invalidRequest, "A parameter is there more than once")
        }
    }

    private static func decode(_ part: some Collection<UInt8>) throws(OAuthError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        var rest = part.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else {
                    throw OAuthError(.invalidRequest, "An escape is not % and two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw OAuthError(.invalidRequest, "A parameter is not UTF-8 text")
        }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// A value for a query: everything but unreserved characters is escaped (RFC 3986, 2.3).
package func queryEscaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            bytes.append(byte)
        default:
            if "-._~".utf8.contains(byte) {
                bytes.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
