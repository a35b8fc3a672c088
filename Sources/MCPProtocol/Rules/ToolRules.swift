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
        let isExempt: (ToolFault) -> Bool = {
            $0.rule == .combinator && exemptions.contains(.topLevelCombinators)
        }
        if let fault = faults(of: tool).first(where: { !isExempt($0) }) {
            throw ToolRefusal(tool: tool.name, cause: fault.cause)
        }
        do {
            return try ParameterHeaders(inputSchema: tool.inputSchema)
        } catch {
            throw ToolRefusal(tool: tool.name, cause: error.description)
        }
    }

    /// Every rule that a definition breaks, as a server sent it.
    package static func faults(in definition: JSON) -> [ToolFault] {
        do {
            return faults(of: try Tool(definition))
        } catch {
            return [ToolFault(.shape, error.description)]
        }
    }

    /// Every rule that it breaks, the gravest first.
    package static func faults(of tool: Tool) -> [ToolFault] {
        var faults: [ToolFault] = []
        if !isName(tool.name, limit: nameLimit) {
            faults.append(ToolFault(.name, "a name has 1 to \(nameLimit) of the characters A-Z a-z 0-9 _ . -"))
        }
        if tool.description?.isEmpty ?? true {
            faults.append(ToolFault(.description, "it has no description, so a model cannot know what it is for"))
        }
        let schema = tool.inputSchema
        guard schema.kind == .object, schema["type"]?.stringEquals("object") == true else {
            faults.append(ToolFault(.shape, "its input schema must be an object whose \"type\" is \"object\""))
            return faults
        }
        if schema.bytes.count > schemaLimit {
            let words = "its input schema has \(schema.bytes.count) bytes, and clients leave out tools with more than "
            faults.append(ToolFault(.schemaSize, words + "\(schemaLimit)"))
        }
        if let found = combinators.first(where: { schema[$0] != nil }) {
            faults.append(
                ToolFault(.combinator, "model APIs do not take \"\(found)\" at the top of an input schema"))
        }
        if let properties = schema["properties"] {
            guard let members = properties.members else {
                faults.append(ToolFault(.shape, "\"properties\" must be an object"))
                return faults
            }
            for (name, _) in members where !isName(name, limit: propertyLimit) {
                let words = "the name of the parameter \(JSON(name)) must have 1 to \(propertyLimit) of the characters "
                faults.append(ToolFault(.parameterName, words + "A-Z a-z 0-9 _ . -"))
            }
        }
        faults += references(out: schema, "input")
        if let output = tool.outputSchema {
            if output.kind == .object {
                faults += references(out: output, "output")
            } else {
                faults.append(ToolFault(.outputSchema, "its output schema must be an object"))
            }
        }
        do {
            _ = try ParameterHeaders(inputSchema: schema)
        } catch {
            faults.append(ToolFault(.parameterHeader, error.description))
        }
        return faults
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

    private static func references(out schema: JSON, _ which: String) -> [ToolFault] {
        var faults: [ToolFault] = []
        SchemaWalk.visit(schema) { place in
            for keyword in ["$ref", "$dynamicRef"] {
                guard let target = place.schema[keyword]?.string, !target.hasPrefix("#") else { continue }
                let words = "\(keyword) \(JSON(target)) points out of its \(which) schema, where clients do not look"
                faults.append(ToolFault(.reference, words))
            }
        }
        return faults
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
