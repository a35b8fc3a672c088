/// What JSON lacks to be what it is read as.
public struct ShapeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it is, from the value that was read: `result.messages[0].content`.
    public var path: String
    /// What should be there: `a string`.
    public var expected: String

    public init(_ path: String, _ expected: String) {
        self.path = path
        self.expected = expected
    }

    public var description: String { "\(path) must be \(expected)" }

    package var rpcError: RPCError { .invalidParams(description) }
}

/// Reads the members of one object. A member that is null counts as absent.
struct ShapeReader {
    let json: JSON
    let path: String

    init(_ json: JSON, at path: String) throws(ShapeError) {
        guard json.kind == .object else { throw ShapeError(path, "an object") }
        self.json = json
        self.path = path
    }

    func error(_ name: String, _ expected: String) -> ShapeError { ShapeError("\(path).\(name)", expected) }

    func value(_ name: String) -> JSON? {
        guard let value = json[name], !value.isNull else { return nil }
        return value
    }

    func string(_ name: String) throws(ShapeError) -> String {
        guard let string = try optionalString(name) else { throw error(name, "a string") }
        return string
    }

    func optionalString(_ name: String) throws(ShapeError) -> String? { try read(name, "a string") { $0.string } }
    func bool(_ name: String) throws(ShapeError) -> Bool? { try read(name, "true or false") { $0.bool } }
    func number(_ name: String) throws(ShapeError) -> Double? { try read(name, "a number") { $0.number } }

    func integer(_ name: String) throws(ShapeError) -> Int? {
        try read(name, "an integer") { $0.integer.flatMap { Int(exactly: $0) } }
    }

    func object(_ name: String) throws(ShapeError) -> JSON? {
        guard let value = value(name) else { return nil }
        guard value.kind == .object else { throw error(name, "an object") }
        return value
    }

    func member<Value>(
        _ name: String, _ read: (JSON, String) throws(ShapeError) -> Value
    ) throws(ShapeError) -> Value? {
        guard let value = value(name) else { return nil }
        return try read(value, "\(path).\(name)")
    }

    func array<Element>(
        _ name: String, _ read: (JSON, String) throws(ShapeError) -> Element
    ) throws(ShapeError) -> [Element]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.elements else { throw error(name, "an array") }
        var result: [Element] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            result.append(try read(element, "\(path).\(name)[\(index)]"))
        }
        return result
    }

    func strings(_ name: String) throws(ShapeError) -> [String]? {
        try array(name) { json, path throws(ShapeError) in
            guard let string = json.string else { throw ShapeError(path, "a string") }
            return string
        }
    }

    private func read<Value>(
        _ name: String, _ expected: String, _ convert: (JSON) -> Value?
    ) throws(ShapeError) -> Value? {
        guard let value = value(name) else { return nil }
        guard let converted = convert(value) else { throw error(name, expected) }
        return converted
    }
}
