import FoundationEssentials

/// Reads a tool's arguments, and says in words for the model what is wrong with them.
struct ToolInput<Input: Decodable & Sendable>: Sendable {
    private let tool: String
    private let rule: ArgumentRule

    init(tool: String, schema: JSON) {
        self.tool = tool
        rule = ArgumentRule(schema)
    }

    /// - Throws: ``ToolError`` that names the argument and what it should be (SEP-1303).
    func read(_ arguments: JSON) throws -> Input {
        let problems = rule.problems(in: arguments)
        guard problems.isEmpty else { throw refusal(problems.joined(separator: "; ")) }
        if let arguments = arguments as? Input { return arguments }
        do {
            return try JSONDecoder().decode(Input.self, from: Data(arguments.bytes))
        } catch let error as DecodingError {
            throw refusal(Self.words(for: error))
        }
    }

    private func refusal(_ words: String) -> ToolError {
        ToolError("The arguments of \(tool) are not right: \(words).")
    }

    private static func words(for error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context): "\(path(context.codingPath)) must be \(words(for: type))"
        case .valueNotFound(let type, let context): "\(path(context.codingPath)) must be \(words(for: type)), not null"
        case .dataCorrupted(let context): "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "they cannot be read"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.reduce("") { path, key in
            if let index = key.intValue { return "\(path)[\(index)]" }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
        return text.isEmpty ? "arguments" : JSON(text).description
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "an array"
        case is [String: Any].Type: "an object"
        default: "a \(type)"
        }
    }
}
