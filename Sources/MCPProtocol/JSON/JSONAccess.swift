extension JSON {
    /// The value of a member; nil when it is absent, or when this is not an object.
    public subscript(_ name: String) -> JSON? {
        text.member(name, of: index).map { JSON(text, $0) }
    }

    /// Whether it is `null`, which is not the same as absent.
    public var isNull: Bool { kind == .null }

    /// Nil when it is neither `true` nor `false`.
    public var bool: Bool? {
        let node = node
        // "true" has four bytes, "false" five.
        return node.kind == .bool ? node.range.count == 4 : nil
    }

    /// The string this stands for, its escapes resolved.
    public var string: String? {
        let node = node
        guard node.kind == .string else { return nil }
        let inner = text.bytes[node.inner]
        return node.escaped
            ? String(decoding: JSONEscapes.resolve(inner), as: UTF8.self) : String(decoding: inner, as: UTF8.self)
    }

    /// Whether this is the string `wanted`, byte by byte. Does not build a string unless there are escapes.
    public func stringEquals(_ wanted: String) -> Bool {
        let node = node
        guard node.kind == .string else { return false }
        var wanted = wanted
        return wanted.withUTF8 { text.string(node, equals: $0) }
    }

    /// The number, if it is exactly an `Int64`, however it is spelled: `42`, `42.0` and `4.2e1` are the same.
    public var integer: Int64? {
        kind == .number ? JSONNumber.integer(bytes) : nil
    }

    /// The number as the nearest `Double`; nil when it is beyond the largest one.
    public var number: Double? {
        guard kind == .number, let double = Double(description), double.isFinite else { return nil }
        return double
    }

    /// An array's elements; nil when this is not an array.
    public var elements: [JSON]? {
        let node = node
        guard node.kind == .array else { return nil }
        var elements: [JSON] = []
        elements.reserveCapacity(node.count)
        var at = index + 1
        while at < Int(node.next) {
            elements.append(JSON(text, at))
            at = Int(text.tape[at].next)
        }
        return elements
    }

    /// An object's members in their order; nil when this is not an object.
    public var members: [(name: String, value: JSON)]? {
        let node = node
        guard node.kind == .object else { return nil }
        var members: [(name: String, value: JSON)] = []
        members.reserveCapacity(node.count)
        var at = index + 1
        while at < Int(node.next) {
            members.append((JSON(text, at).string ?? "", JSON(text, at + 1)))
            at = Int(text.tape[at + 1].next)
        }
        return members
    }

    /// How many elements or members there are; 0 for anything else.
    public var count: Int { node.count }
}
