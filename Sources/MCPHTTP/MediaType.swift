/// A media type, or a range of them, without its parameters (RFC 9110, 8.3.1).
struct MediaType {
    private let essence: Substring

    init(_ text: Substring) {
        let end = text.utf8.firstIndex(of: UInt8(ascii: ";")) ?? text.endIndex
        essence = text[..<end].trimmed
    }

    /// Whether this is `type`, which must be in lower case.
    func names(_ type: String) -> Bool {
        essence.utf8.count == type.utf8.count
            && essence.utf8.elementsEqual(type.utf8) { byte, wanted in
                byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
            }
    }
}
