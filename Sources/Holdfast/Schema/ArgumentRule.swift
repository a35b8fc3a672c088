/// What can be told of a value before a function sees it: a schema's plain keywords, read once.
///
/// Combinators, conditions, references and patterns are passed over: they are for clients and models to read, and for
/// the function to insist on.
struct ArgumentRule: Sendable {
    private var kinds: Set<JSON.Kind> = []
    private var isInteger = false
    private var choices: [JSON]?
    private var length: (least: Int?, most: Int?) = (nil, nil)
    private var range: (least: Double?, most: Double?) = (nil, nil)
    private var items: (least: Int?, most: Int?) = (nil, nil)
    private var element: [ArgumentRule] = []
    private var properties: [String: ArgumentRule] = [:]
    private var names: [String] = []
    private var required: [String] = []
    private var isClosed = false

    /// How much is said about one call.
    private static let mostProblems = 5

    init(_ schema: JSON) {
        let types = schema["type"].map { $0.elements ?? [$0] } ?? []
        for type in types.compactMap(\.string) {
            switch type {
            case "null": kinds.insert(.null)
            case "boolean": kinds.insert(.bool)
            case "number", "integer": kinds.insert(.number)
            case "string": kinds.insert(.string)
            case "array": kinds.insert(.array)
            case "object": kinds.insert(.object)
            default: break
            }
        }
        isInteger = types.contains { $0.stringEquals("integer") } && !types.contains { $0.stringEquals("number") }
        choices = schema["enum"]?.elements ?? schema["const"].map { [$0] }
        length = (Self.count(schema["minLength"]), Self.count(schema["maxLength"]))
        range = (schema["minimum"]?.number, schema["maximum"]?.number)
        items = (Self.count(schema["minItems"]), Self.count(schema["maxItems"]))
        if let element = schema["items"], element.kind == .object { self.element = [ArgumentRule(element)] }
        for (name, property) in schema["properties"]?.members ?? [] {
            properties[name] = ArgumentRule(property)
            names.append(name)
        }
        required = schema["required"]?.elements?.compactMap(\.string) ?? []
        isClosed = schema["additionalProperties"]?.bool == false && schema["patternProperties"] == nil
    }

    private static func count(_ json: JSON?) -> Int? { json?.integer.flatMap { Int(exactly: $0) } }

    /// What is wrong with `arguments`, each as the rest of a sentence about one of them; empty when nothing is.
    func problems(in arguments: JSON) -> [String] {
        var problems: [String] = []
        check(arguments, at: "", &problems)
        return problems
    }

    private func check(_ value: JSON, at path: String, _ problems: inout [String]) {
        guard problems.count < Self.mostProblems else { return }
        guard kinds.isEmpty || kinds.contains(value.kind), !isInteger || value.kind != .number || value.integer != nil
        else {
            problems.append("\(Self.quoted(path)) must be \(wanted), not \(Self.shown(value))")
            return
        }
        if let choices, !choices.contains(where: { Self.isSame($0, value) }) {
            let list = choices.map(\.description).joined(separator: ", ")
            problems.append("\(Self.quoted(path)) must be \(choices.count > 1 ? "one of " : "")\(list)")
            return
        }
        if let outside = outside(value) { problems.append("\(Self.quoted(path)) must \(outside)") }
        switch value.kind {
        case .array:
            guard let rule = element.first else { return }
            for (index, item) in (value.elements ?? []).enumerated() {
                rule.check(item, at: "\(path)[\(index)]", &problems)
            }
        case .object: checkMembers(value, at: path, &problems)
        case .null, .bool, .number, .string: break
        }
    }

    private func checkMembers(_ value: JSON, at path: String, _ problems: inout [String]) {
        func name(_ member: String) -> String { path.isEmpty ? member : "\(path).\(member)" }
        for missing in required where value[missing] == nil {
            let wanted = properties[missing]?.wanted ?? "a value"
            problems.append("\(Self.quoted(name(missing))) is missing: it must be \(wanted)")
        }
        for (member, inner) in value.members ?? [] {
            if let rule = properties[member] {
                // Many models write null for what they leave out.
                if inner.isNull, !required.contains(member) { continue }
                rule.check(inner, at: name(member), &problems)
            } else if isClosed {
                let known =
                    names.isEmpty ? "there are none" : "there are " + names.map(Self.quoted).joined(separator: ", ")
                problems.append("\(Self.quoted(name(member))) is not known: \(known)")
            }
        }
    }

    /// The bound that `value` does not keep.
    private func outside(_ value: JSON) -> String? {
        switch value.kind {
        case .string:
            let count = length.least == nil && length.most == nil ? 0 : value.string?.unicodeScalars.count ?? 0
            if let least = length.least, count < least { return "have at least \(least) characters" }
            if let most = length.most, count > most { return "have at most \(most) characters" }
        case .number:
            guard let number = value.number else { return nil }
            if let least = range.least, number < least { return "be at least \(JSON(least))" }
            if let most = range.most, number > most { return "be at most \(JSON(most))" }
        case .array:
            if let least = items.least, value.count < least { return "have at least \(least) items" }
            if let most = items.most, value.count > most { return "have at most \(most) items" }
        case .null, .bool, .object: break
        }
        return nil
    }

    /// What would be right.
    private var wanted: String {
        if let choices { return "one of " + choices.map(\.description).joined(separator: ", ") }
        let words = [
            (JSON.Kind.string, "a string"), (.number, isInteger ? "an integer" : "a number"), (.bool, "true or false"),
            (.array, "an array"), (.object, "an object"), (.null, "null"),
        ].filter { kinds.contains($0.0) }.map(\.1)
        return words.isEmpty ? "a value" : words.joined(separator: " or ")
    }

    private static func quoted(_ path: String) -> String { path.isEmpty ? "arguments" : JSON(path).description }

    private static func shown(_ value: JSON) -> String {
        switch value.kind {
        case .array: "an array"
        case .object: "an object"
        case .null, .bool, .number, .string:
            value.bytes.count <= 64 ? value.description : value.kind == .string ? "a string" : "a number"
        }
    }

    /// However each is spelled.
    private static func isSame(_ a: JSON, _ b: JSON) -> Bool {
        switch (a.kind, b.kind) {
        case (.string, .string): a.string == b.string
        case (.number, .number): a.number == b.number
        default: a == b
        }
    }
}
