/// Puts an array or object together from values that exist, their bytes and tapes copied as they are.
struct JSONBuilder {
    private let kind: JSON.Kind
    private var bytes: [UInt8] = []
    private var tape: [JSONNode] = []
    private var count = 0
    private var hasLineBreaks = false

    init(_ kind: JSON.Kind, reserving capacity: Int) {
        self.kind = kind
        bytes.reserveCapacity(capacity)
        bytes.append(kind == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
        tape.append(JSONNode(kind, start: 0, end: 0, next: 0))
    }

    mutating func append(_ value: JSON) {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        count += 1
        copy(value)
    }

    mutating func append(_ name: String, _ value: JSON) {
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        count += 1
        let start = bytes.count
        let escaped = JSONEscapes.quote(name, onto: &bytes)
        tape.append(JSONNode(.string, start: start, end: bytes.count, next: tape.count + 1, escaped: escaped))
        bytes.append(UInt8(ascii: ":"))
        copy(value)
    }

    private mutating func copy(_ value: JSON) {
        let node = value.node
        let (byteShift, nodeShift) = (bytes.count - Int(node.start), tape.count - value.index)
        bytes.append(contentsOf: value.bytes)
        for node in value.text.tape[value.index..<Int(node.next)] {
            tape.append(node.moved(bytes: byteShift, nodes: nodeShift))
        }
        hasLineBreaks = hasLineBreaks || value.text.hasLineBreaks
    }

    consuming func finish() -> JSON {
        bytes.append(kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        tape[0] = JSONNode(kind, start: 0, end: bytes.count, next: tape.count, count: count)
        return JSON(JSONText(bytes: bytes, tape: tape, hasLineBreaks: hasLineBreaks), 0)
    }
}
