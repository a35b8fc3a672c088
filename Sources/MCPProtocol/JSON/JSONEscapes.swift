/// The escapes of JSON strings (RFC 8259, section 7), both ways.
enum JSONEscapes {
    /// The UTF-8 that the inside of a valid string stands for.
    static func resolve(_ inner: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(inner.count)
        var at = inner.startIndex
        while at < inner.endIndex {
            let byte = inner[at]
            guard byte == UInt8(ascii: "\\"), at + 1 < inner.endIndex else {
                out.append(byte)
                at += 1
                continue
            }
            let letter = inner[at + 1]
            at += 2
            switch letter {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(inner, at)
                at += 4
                if scalar & 0xFC00 == 0xD800 {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(inner, at + 2) & 0x3FF
                    at += 6
                }
                append(scalar, to: &out)
            default: out.append(letter)
            }
        }
        return out
    }

    /// The four hexadecimal digits at `at`.
    private static func unit(_ inner: ArraySlice<UInt8>, _ at: Int) -> UInt32 {
        inner[at..<at + 4].reduce(0) { $0 << 4 | UInt32(hex($1) ?? 0) }
    }

    static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func append(_ scalar: UInt32, to out: inout [UInt8]) {
        guard let scalar = Unicode.Scalar(scalar) else { return }
        out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Looks at eight bytes at once (the first in the lowest place): marks in ``highBits`` where a quote, a backslash or
    /// a control character is. A borrow can mark a byte wrongly, but only above a rightly marked one, so the lowest mark
    /// is right.
    @inline(__always)
    static func marks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        return ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash) | ((word &- ones &* 0x20) & ~word)
    }

    /// Appends `text` in quotes. Only what must be escaped is; the answer says whether anything was.
    @discardableResult
    static func quote(_ text: String, onto bytes: inout [UInt8]) -> Bool {
        var text = text
        return text.withUTF8 { quote($0, onto: &bytes) }
    }

    private static func quote(_ utf8: UnsafeBufferPointer<UInt8>, onto bytes: inout [UInt8]) -> Bool {
        bytes.append(UInt8(ascii: "\""))
        var done = 0
        var at = 0
        while at < utf8.count {
            if at + 8 <= utf8.count {
                let word = UnsafeRawBufferPointer(utf8).loadUnaligned(fromByteOffset: at, as: UInt64.self).littleEndian
                let marked = marks(word) & highBits
                if marked == 0 {
                    at += 8
                    continue
                }
                at += marked.trailingZeroBitCount >> 3
            }
            let byte = utf8[at]
            at += 1
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[done..<at - 1]))
            done = at
            escape(byte, onto: &bytes)
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[done...]))
        bytes.append(UInt8(ascii: "\""))
        return done > 0
    }

    private static func escape(_ byte: UInt8, onto bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(byte < 0x10 ? 0x30 : 0x31)
            let low = byte & 0xF
            bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
        }
    }
}
