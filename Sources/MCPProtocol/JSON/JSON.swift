/// A JSON value, kept as the exact bytes it arrived in.
///
/// Member order, number spelling and escapes survive: what is passed on is copied, not encoded again. A value that was
/// reached through another one shares its bytes, and keeps them in memory; ``detached()`` gives a copy of its own.
/// Two values are equal when their bytes are: `1` and `1.0` differ, and so do objects in another order.
///
///     let params: JSON = ["name": "echo", "arguments": ["text": "hi"]]
///     params["arguments"]?["text"]?.string  // "hi"
public struct JSON: Sendable {
    /// What a value is.
    public enum Kind: UInt8, Sendable { case null, bool, number, string, array, object }

    /// What a text may ask of its reader.
    public struct Limits: Sendable {
        /// Arrays and objects inside each other.
        public var depth: Int

        public init(depth: Int = 128) {
            self.depth = depth
        }
    }

    let text: JSONText
    let index: Int

    init(_ text: JSONText, _ index: Int) {
        self.text = text
        self.index = index
    }

    /// Reads a whole document: one value with nothing but white space around it.
    ///
    /// RFC 8259, strictly: UTF-8 without a byte order mark, no duplicate member names, no escaped lone surrogates.
    /// - Throws: ``JSONError`` with the place of the first fault.
    public init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSONError) {
        self.init(try JSONParser.parse(bytes, limits: limits), 0)
    }

    var node: JSONNode { text.tape[index] }

    /// What it is.
    public var kind: Kind { node.kind }

    /// The exact bytes of this value, without white space around it.
    public var bytes: ArraySlice<UInt8> { text.bytes[node.range] }

    /// The same value with bytes of its own, so that the document around it can be freed.
    public func detached() -> JSON {
        let node = node
        if node.start == 0, Int(node.end) == text.bytes.count { return self }
        let tape = text.tape[index..<Int(node.next)].map { $0.moved(bytes: -Int(node.start), nodes: -index) }
        return JSON(JSONText(bytes: Array(bytes), tape: tape, hasLineBreaks: text.hasLineBreaks), 0)
    }
}

extension JSON: Hashable {
    public static func == (a: JSON, b: JSON) -> Bool {
        if a.text === b.text, a.index == b.index { return true }
        return a.bytes == b.bytes
    }

    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension JSON: CustomStringConvertible {
    /// The value's text, as it arrived.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
