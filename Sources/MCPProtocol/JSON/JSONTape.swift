/// One value, or one member name, of a parsed text. The nodes of a text lie in the order of its bytes, a container
/// before its contents; an object's contents alternate between names and values.
struct JSONNode {
    /// First byte, and one past the last; a string's quotes are included.
    var start: UInt32
    var end: UInt32
    /// The node after this one and all its contents. While a container is open: the container around it.
    var next: UInt32
    /// Kind in bits 0–2, "has escapes" in bit 3, number of elements or members above.
    private var info: UInt32

    init(_ kind: JSON.Kind, start: Int, end: Int, next: Int, escaped: Bool = false, count: Int = 0) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
        info = UInt32(truncatingIfNeeded: count) << 4 | (escaped ? 8 : 0) | UInt32(kind.rawValue)
    }

    var kind: JSON.Kind { JSON.Kind(rawValue: UInt8(truncatingIfNeeded: info & 7)) ?? .null }
    var isObject: Bool { info & 7 == UInt32(JSON.Kind.object.rawValue) }
    var escaped: Bool { info & 8 != 0 }
    var count: Int { Int(info >> 4) }
    var range: Range<Int> { Int(start)..<Int(end) }
    /// The bytes of a string between its quotes.
    var inner: Range<Int> { Int(start) + 1..<Int(end) - 1 }

    mutating func countOne() { info &+= 16 }

    /// This node in a text where its bytes begin `bytes` later and its tape `nodes` later.
    func moved(bytes: Int, nodes: Int) -> JSONNode {
        var moved = self
        moved.start = UInt32(truncatingIfNeeded: Int(start) + bytes)
        moved.end = UInt32(truncatingIfNeeded: Int(end) + bytes)
        moved.next = UInt32(truncatingIfNeeded: Int(next) + nodes)
        return moved
    }
}

/// A text and its tape, shared by every ``JSON`` that points into it.
final class JSONText: Sendable {
    let bytes: [UInt8]
    let tape: [JSONNode]
    /// Whether there is a line break between tokens (a string cannot hold one).
    let hasLineBreaks: Bool

    init(bytes: [UInt8], tape: [JSONNode], hasLineBreaks: Bool) {
        self.bytes = bytes
        self.tape = tape
        self.hasLineBreaks = hasLineBreaks
    }

    /// The node of the value of member `name`, if `object` is an object that has it.
    func member(_ name: String, of object: Int) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            tape.withUnsafeBufferPointer { tape in
                let node = tape[object]
                guard node.isObject else { return nil }
                var at = object + 1
                while at < Int(node.next) {
                    if string(tape[at], equals: wanted) { return at + 1 }
                    at = Int(tape[at + 1].next)
                }
                return nil
            }
        }
    }

    /// Compares a string byte by byte, without Unicode normalisation.
    func string(_ node: JSONNode, equals wanted: UnsafeBufferPointer<UInt8>) -> Bool {
        if node.escaped {
            return JSONEscapes.resolve(bytes[node.inner]).elementsEqual(wanted)
        }
        let inner = node.inner
        guard inner.count == wanted.count else { return false }
        return bytes.withUnsafeBufferPointer { all in
            for offset in 0..<wanted.count where all[inner.lowerBound + offset] != wanted[offset] { return false }
            return true
        }
    }
}
