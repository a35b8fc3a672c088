import MCPProtocol

/// What is wrong with an argument and what would be right, for the model to read.
struct ArgumentFault: Error {
    var text: String

    init(_ text: String) { self.text = text }
}

/// A tool's arguments, read leniently: clients send numbers as strings, null for what they leave out, and names that no
/// schema asked for.
struct MemoryArguments {
    let json: JSON
    let limits: MemoryLimits

    /// Nil when absent, null or blank. A number is taken for its digits.
    func string(_ name: String) throws -> String? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let string = value.kind == .number ? value.description : value.string else {
            throw ArgumentFault("`\(name)` must be a string, and was \(Self.kind(value)).")
        }
        return string.allSatisfy(\.isWhitespace) ? nil : string
    }

    func required(_ name: String, _ purpose: String) throws -> String {
        guard let string = try string(name) else { throw ArgumentFault("`\(name)` is missing: give \(purpose).") }
        return string
    }

    /// Without the white space around it.
    func name(_ name: String, limit: Int) throws -> String? {
        try string(name).map { try Self.trimmed($0, name, limit) }
    }

    func integer(_ name: String, in range: ClosedRange<Int>, else standard: Int) throws -> Int {
        guard let value = json[name], !value.isNull else { return standard }
        guard let number = value.integer ?? value.string.flatMap({ Int64($0) }), let integer = Int(exactly: number)
        else {
            throw ArgumentFault("`\(name)` must be a whole number, and was \(Self.kind(value)).")
        }
        guard range.contains(integer) else {
            let right =
                range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
            throw ArgumentFault("`\(name)` must be \(right), and was \(integer).")
        }
        return integer
    }

    func flag(_ name: String) throws -> Bool {
        guard let value = json[name], !value.isNull else { return false }
        switch (value.bool, value.string) {
        case (let bool?, _): return bool
        case (_, "true"): return true
        case (_, "false"), (_, ""): return false
        default: throw ArgumentFault("`\(name)` must be true or false, and was \(Self.kind(value)).")
        }
    }

    /// Distinct, in their order. One string counts as one tag.
    func tags(_ name: String = "tags") throws -> [String] {
        guard let value = json[name], !value.isNull else { return [] }
        var tags: [String] = []
        for element in value.elements ?? [value] {
            guard let string = element.string else {
                throw ArgumentFault("`\(name)` must be an array of strings, and held \(Self.kind(element)).")
            }
            guard !string.allSatisfy(\.isWhitespace) else { continue }
            let tag = try Self.trimmed(string, name, limits.tagCharacters)
            if !tags.contains(tag) { tags.append(tag) }
        }
        guard tags.count <= limits.tags else {
            throw ArgumentFault("`\(name)` may hold \(limits.tags) tags, and held \(tags.count).")
        }
        return tags
    }

    func priority() throws -> MemoryPriority? {
        guard let string = try string("priority") else { return nil }
        guard let priority = MemoryPriority(rawValue: string.lowercased()) else {
            let right = MemoryPriority.allCases.map(\.rawValue).joined(separator: ", ")
            throw ArgumentFault("`priority` must be one of \(right).")
        }
        return priority
    }

    /// Exactly one of `id` and `label`; `version` goes with a label.
    func reference() throws -> MemoryReference {
        let id = try name("id", limit: 100)
        let label = try name("label", limit: limits.labelCharacters)
        let version = try integer("version", in: 0...Int.max, else: 0)
        switch (id, label) {
        case (let id?, nil):
            guard version == 0 else {
                throw ArgumentFault("`version` goes with `label`: an `id` is one version already.")
            }
            return .id(id)
        case (nil, let label?): return .label(label, version: version == 0 ? nil : version)
        case (nil, nil): throw ArgumentFault("Give the `id` or the `label` of a memory.")
        case (_?, _?): throw ArgumentFault("Give either `id` or `label`, not both.")
        }
    }

    private static func trimmed(_ string: String, _ name: String, _ limit: Int) throws -> String {
        var inner = string.drop(while: \.isWhitespace)
        while inner.last?.isWhitespace == true { inner.removeLast() }
        let trimmed = String(inner)
        let length = trimmed.unicodeScalars.count
        guard length <= limit else {
            throw ArgumentFault("`\(name)` may have \(limit) characters, and had \(length).")
        }
        guard !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw ArgumentFault("`\(name)` must be one line without control characters.")
        }
        return trimmed
    }

    private static func kind(_ value: JSON) -> String {
        switch value.kind {
        case .null: "null"
        case .bool: "a boolean"
        case .number: value.integer.map { "the number \($0)" } ?? "a number that is not whole"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
