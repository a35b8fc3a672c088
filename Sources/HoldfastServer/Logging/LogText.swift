/// Text that cannot forge a line, move a cursor or turn the reading direction, whatever it holds.
enum LogText {
    /// Of one message or value, in bytes; what is longer is cut and marked with `…`.
    static let longest = 8_192

    /// With `\n`, `\t`, `\"`, `\\` and `\u001b` for what must not appear as itself. Valid inside a JSON string.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, to: &bytes) }
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        var end = text.count
        if end > longest {
            end = longest
            while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        }
        var safeFrom = 0
        var index = 0
        while index < end {
            let byte = text[index]
            if byte >= 0x20, byte != 0x22, byte != 0x5C, byte != 0x7F, byte != 0xC2, byte != 0xE2 {
                index += 1
                continue
            }
            let (scalar, length) = unwelcome(text, at: index)
            if let scalar {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[safeFrom..<index]))
                appendEscape(scalar, to: &bytes)
                safeFrom = index + length
            }
            index += length
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[safeFrom..<end]))
        if end < text.count { bytes.append(contentsOf: "…".utf8) }
    }

    /// The scalar at `index` when it must be escaped, and how many bytes to go on.
    private static func unwelcome(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (UInt16?, Int) {
        switch text[index] {
        case 0xC2:
            // C1 controls: some terminals obey them.
            let next = text[index + 1]
            return (next < 0xA0 ? UInt16(next) : nil, 2)
        case 0xE2:
            let scalar = 0x2000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F)
            // Line and paragraph separators, and the marks that turn text around.
            let isUnwelcome = (0x2028...0x202E).contains(scalar) || (0x2066...0x2069).contains(scalar)
            return (isUnwelcome ? scalar : nil, 3)
        case let byte: return (UInt16(byte), 1)
        }
    }

    private static func appendEscape(_ scalar: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch scalar {
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x22, 0x5C: bytes.append(UInt8(scalar))
        default:
            bytes.append(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] { bytes.append(hexDigits[Int(scalar >> shift & 0xF)]) }
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}
