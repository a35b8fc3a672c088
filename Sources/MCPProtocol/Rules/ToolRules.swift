/// Why a tool cannot be registered.
public struct ToolRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// The tool's name.
    public var tool: String
    /// A sentence for the one who wrote it.
    public var cause: String

    public init(tool: String, cause: String) {
        self.tool = tool
        self.cause = cause
    }

    public var description: String { "The tool \(JSON(tool)) is refused: \(cause)" }
}

/// A rule that a tool is knowingly allowed to break.
public struct ToolExemptions: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// `oneOf`, `anyOf`, `allOf`, `not` or `enum` at the top of the input schema. The protocol allows it; several model
    /// APIs refuse every request that carries such a tool.
    public static let topLevelCombinators = ToolExemptions(rawValue: 1)
}

/// What a tool must be so that clients show it and models can call it. Real clients hide others without a word, or fail
/// with all tools because of one (R13), so they are refused where somebody can still see why.
package enum ToolRules {
    /// The protocol allows 128 characters (M-34), but some clients and model APIs only these.
    package static let nameLimit = 64
    /// In bytes of JSON; at least one client leaves out tools with more.
    package static let schemaLimit = 16_384
    private static let propertyLimit = 64
    private static let combinators = ["oneOf", "anyOf", "allOf", "not", "enum"]

    /// - Returns: The parameters that clients repeat in headers.
    @discardableResult
    package static func check(
        _ tool: Tool, exemptions: ToolExemptions = []
    ) throws(ToolRefusal) -> ParameterHeaders {
        func refuse(_ cause: String) -> ToolRefusal { ToolRefusal(tool: tool.name, cause: cause) }

        guard isName(tool.name, limit: nameLimit) else {
            throw refuse("a name has 1 to \(nameLimit) of the characters A-Z a-z 0-9 _ . -")
        }
        guard let description = tool.description, !description.isEmpty else {
            throw refuse("it has no description, so a model cannot know what it is for")
        }
        let schema = tool.inputSchema
        guard schema.kind == .object, schema["type"]?.stringEquals("object") == true else {
            throw refuse("its input schema must be an object whose \"type\" is \"object\"")
        }
        guard schema.bytes.count <= schemaLimit else {
            throw refuse(
                "its input schema has \(schema.bytes.count) bytes, and clients leave out tools with more than "
                    + "\(schemaLimit)")
        }
        if !exemptions.contains(.topLevelCombinators), let found = combinators.first(where: { schema[$0] != nil }) {
            throw refuse("model APIs do not take \"\(found)\" at the top of an input schema")
        }
        if let properties = schema["properties"] {
            guard let members = properties.members else { throw refuse("\"properties\" must be an object") }
            for (name, _) in members where !isName(name, limit: propertyLimit) {
                throw refuse(
                    "the name of the parameter \(JSON(name)) must have 1 to \(propertyLimit) of the characters "
                        + "A-Z a-z 0-9 _ . -")
            }
        }
        try checkReferences(schema, "input", of: tool)
        if let output = tool.outputSchema {
            guard output.kind == .object else { throw refuse("its output schema must be an object") }
            try checkReferences(output, "output", of: tool)
        }
        do {
            return try ParameterHeaders(inputSchema: schema)
        } catch {
            throw refuse(error.description)
        }
    }

    /// Checks each, and that no two have one name.
    package static func check(
        all tools: [(tool: Tool, exemptions: ToolExemptions)]
    ) throws(ToolRefusal) {
        var names: Set<String> = []
        for (tool, exemptions) in tools {
            try check(tool, exemptions: exemptions)
            guard names.insert(tool.name).inserted else {
                throw ToolRefusal(tool: tool.name, cause: "another tool has the same name")
            }
        }
    }

    private static func checkReferences(_ schema: JSON, _ which: String, of tool: Tool) throws(ToolRefusal) {
        try SchemaWalk.visit(schema) { place throws(ToolRefusal) in
            for keyword in ["$ref", "$dynamicRef"] {
                guard let target = place.schema[keyword]?.string, !target.hasPrefix("#") else { continue }
                throw ToolRefusal(
                    tool: tool.name,
                    cause: "\(keyword) \(JSON(target)) points out of its \(which) schema, where clients do not look")
            }
        }
    }

    private static func isName(_ name: String, limit: Int) -> Bool {
        1...limit ~= name.utf8.count
            && name.utf8.allSatisfy {
                switch $0 {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "_.-".utf8.contains($0)
                }
            }
    }
}
