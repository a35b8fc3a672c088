/// The encoding of header values that carry text of the body: `Mcp-Name`, `Mcp-Param-…` (H-75).
package enum HeaderValue {
    /// The text that a header line stands for: `=?base64?…?=` decoded, anything else as it is.
    /// Nil when there are characters that a header may not have, or the Base64 or the UTF-8 in it is bad.
    package static func decode(_ line: String) -> String? {
        let text = trimmed(line[...])
        let prefix = "=?base64?"
        let suffix = "?="
        guard text.hasPrefix(prefix), text.hasSuffix(suffix), text.utf8.count >= prefix.utf8.count + suffix.utf8.count
        else {
            return text.utf8.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x09 } ? text : nil
        }
        guard let bytes = base64(text.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)) else {
            return nil
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The header line that stands for `text`, as a client sends it.
    package static func encode(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && trimmed(text[...]).utf8.elementsEqual(text.utf8)
        return isPlain && !text.hasPrefix("=?base64?") ? text : "=?base64?\(base64Text(Array(text.utf8)))?="
    }

    private static func base64Text(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place > group.count ? UInt8(ascii: "=") : digits[Int(bits >> UInt32(18 - 6 * place)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Without spaces and tabs around it.
    static func trimmed(_ text: Substring) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = text.utf8.firstIndex(where: { !isSpace($0) }),
            let last = text.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }

    /// RFC 4648, section 4, with padding and with nothing else in between.
    private static func base64(_ text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for byte in text.dropLast(padding) {
            guard let digit = digit(byte) else { return nil }
            bits = (bits << 6 | digit) & 0xFFFF
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return bits & (1 << UInt32(held) - 1) == 0 ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte - 0x41)
        case 0x61...0x7A: UInt32(byte - 0x61) + 26
        case 0x30...0x39: UInt32(byte - 0x30) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
