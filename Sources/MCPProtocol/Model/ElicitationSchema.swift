/// The form that a user is asked to fill in (MCP 2025-11-25, client/elicitation): flat, of a few simple kinds of fields.
///
///     let form = ElicitationSchema([
///         .string("email", format: .email, required: true),
///         .choice("size", ["S", "M", "L"], default: "M"),
///     ])
public struct ElicitationSchema: Sendable, Equatable {
    /// In the order in which they are shown; their names are unique.
    public var fields: [ElicitationField]

    /// Fields in the order in which people see them.
    public init(_ fields: [ElicitationField]) {
        self.fields = fields
    }

    package init(_ json: JSON, at path: String = "requestedSchema") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        guard let properties = try reader.object("properties") else { throw reader.error("properties", "an object") }
        let required = Set(try reader.strings("required") ?? [])
        fields = []
        for (name, schema) in properties.members ?? [] {
            fields.append(
                try ElicitationField(
                    name: name, required: required.contains(name), schema: schema,
                    at: "\(path).properties.\(name)"))
        }
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("type", "object")
        members.add("properties", .object(fields.map { ($0.name, $0.json(for: version)) }))
        members.add("required", some: fields.filter(\.required).map(\.name))
        return members.json
    }

    package func isAvailable(in version: ProtocolVersion) -> Bool {
        guard version.hasElicitation else { return false }
        return version.hasElicitationModes
            || !fields.contains { if case .choices = $0.kind { true } else { false } }
    }

    /// What is wrong with `content` as an answer, as a sentence for a person; nil when it is right. Members that were
    /// not asked for are let pass. Formats are for the client to check.
    public func problem(in content: JSON) -> String? {
        guard content.kind == .object else { return "The content must be an object" }
        for field in fields {
            guard let value = content[field.name], !value.isNull else {
                if field.required { return "\"\(field.name)\" is missing" }
                continue
            }
            if let expected = field.unmet(by: value) { return "\"\(field.name)\" must be \(expected)" }
        }
        return nil
    }
}

extension ElicitationField {
    /// What `value` would have to be; nil when it is that.
    fileprivate func unmet(by value: JSON) -> String? {
        switch kind {
        case .string(_, let minLength, let maxLength, _):
            guard let text = value.string else { return "a string" }
            let length = text.unicodeScalars.count
            if let minLength, length < minLength { return "at least \(minLength) characters long" }
            if let maxLength, length > maxLength { return "at most \(maxLength) characters long" }
        case .integer(let minimum, let maximum, _):
            guard let integer = value.integer else { return "an integer" }
            if let minimum, integer < minimum { return "at least \(minimum)" }
            if let maximum, integer > maximum { return "at most \(maximum)" }
        case .number(let minimum, let maximum, _):
            guard let number = value.number else { return "a number" }
            if let minimum, number < minimum { return "at least \(JSON(minimum))" }
            if let maximum, number > maximum { return "at most \(JSON(maximum))" }
        case .boolean:
            if value.bool == nil { return "true or false" }
        case .choice(let options, _, _):
            if !options.contains(where: { value.stringEquals($0.value) }) { return "one of \(Self.names(options))" }
        case .choices(let options, let minItems, let maxItems, _):
            guard let chosen = value.elements else { return "an array" }
            for item in chosen where !options.contains(where: { item.stringEquals($0.value) }) {
                return "an array of \(Self.names(options))"
            }
            if let minItems, chosen.count < minItems { return "at least \(minItems) of \(Self.names(options))" }
            if let maxItems, chosen.count > maxItems { return "at most \(maxItems) of \(Self.names(options))" }
        }
        return nil
    }

    private static func names(_ options: [Option]) -> String {
        options.map { JSON($0.value).description }.joined(separator: ", ")
    }
}
