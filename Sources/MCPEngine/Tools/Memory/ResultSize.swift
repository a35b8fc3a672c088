/// How long a text is once it is written in a JSON string, in the UTF-16 units that clients count.
package enum ResultSize {
    package static func of(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + of($1) }
    }

    package static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D: 2
        case 0..<0x20, 0x7F: 6
        case 0x10000...: 2
        default: 1
        }
    }

    /// The characters from `offset` on that fit into `room`, and where the rest begins; nil when nothing is left.
    static func page(of text: String, from offset: Int, room: Int) -> (text: String, rest: Int?) {
        let scalars = text.unicodeScalars
        let start = scalars.index(scalars.startIndex, offsetBy: offset, limitedBy: scalars.endIndex) ?? scalars.endIndex
        var (end, used, count) = (start, 0, 0)
        while end < scalars.endIndex {
            used += of(scalars[end])
            guard used <= room else { return (String(scalars[start..<end]), offset + count) }
            scalars.formIndex(after: &end)
            count += 1
        }
        return (String(scalars[start...]), nil)
    }
}
