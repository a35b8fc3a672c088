/// What a value must be, as JSON Schema 2020-12: of a tool's arguments, of its structured result.
///
///     let input: Schema = [
///         "city": .string("Which city"),
///         "days": .integer("How many days ahead", minimum: 1, maximum: 7).optional,
///         "unit": .choice(["celsius", "fahrenheit"]).optional,
///     ]
///
/// A dictionary literal is an object with these properties, in their order. A property is required unless it is
/// ``optional``. A schema that exists as JSON is taken as it is: ``json(_:)``.
public struct Schema: Sendable, Equatable {
    private var keywords: [(name: String, value: JSON)] = []
    private var verbatim: JSON?
    private(set) var isOptional = false

    private init(type: String?, _ description: String?) {
        if let type { keywords.append(("type", JSON(type))) }
        if let description { keywords.append(("description", JSON(description))) }
    }

    /// The schema as it is sent.
    public var json: JSON { verbatim ?? .object(keywords.map { ($0.name, $0.value) }) }

    public static func == (a: Schema, b: Schema) -> Bool { a.json == b.json && a.isOptional == b.isOptional }

    private mutating func add(_ name: String, _ value: JSON?) {
        if let value { self = with(name, value) }
    }

    // MARK: Changing one

    /// The same schema for a property that may be left out.
    public var optional: Schema {
        var schema = self
        schema.isOptional = true
        return schema
    }

    /// The same schema with one more keyword, or another value of it.
    public func with(_ keyword: String, _ value: JSON) -> Schema {
        var schema = self
        if let verbatim {
            schema.verbatim = .object((verbatim.members ?? []).map { ($0.name, $0.value) } + [(keyword, value)])
        } else {
            schema.keywords.removeAll { $0.name == keyword }
            schema.keywords.append((keyword, value))
        }
        return schema
    }

    /// What a client fills in when the property is left out. It is a hint: the function does not see it.
    public func `default`(_ value: JSON) -> Schema { with("default", value) }

    /// Clients repeat the argument in the header `Mcp-Param-<name>`, so that others can route by it (MCP 2026-07-28,
    /// server/tools, `x-mcp-header`). For strings, integers and booleans.
    public func header(_ name: String) -> Schema { with("x-mcp-header", JSON(name)) }

    // MARK: Making one

    /// A schema that exists already, an object, word for word.
    public static func json(_ schema: JSON) -> Schema {
        var made = Schema(type: nil, nil)
        made.verbatim = schema
        return made
    }

    /// Anything at all.
    public static func any(_ description: String? = nil) -> Schema { Schema(type: nil, description) }

    /// - Parameters:
    ///   - description: For the model.
    ///   - format: Such as `date-time`, `email`, `uri`.
    ///   - pattern: ECMA-262. Clients and models read it; it is not enforced here.
    ///   - minLength: In characters (Unicode scalars).
    ///   - maxLength: Likewise.
    public static func string(
        _ description: String? = nil, format: String? = nil, pattern: String? = nil, minLength: Int? = nil,
        maxLength: Int? = nil
    ) -> Schema {
        var schema = Schema(type: "string", description)
        schema.add("format", format.map { JSON($0) })
        schema.add("pattern", pattern.map { JSON($0) })
        schema.add("minLength", minLength.map { JSON($0) })
        schema.add("maxLength", maxLength.map { JSON($0) })
        return schema
    }

    /// A whole number, within bounds that belong to it. The description is for the model.
    public static func integer(
        _ description: String? = nil, minimum: Int? = nil, maximum: Int? = nil
    ) -> Schema {
        var schema = Schema(type: "integer", description)
        schema.add("minimum", minimum.map { JSON($0) })
        schema.add("maximum", maximum.map { JSON($0) })
        return schema
    }

    /// Any number, within bounds that belong to it. The description is for the model.
    public static func number(
        _ description: String? = nil, minimum: Double? = nil, maximum: Double? = nil
    ) -> Schema {
        var schema = Schema(type: "number", description)
        schema.add("minimum", minimum.map { JSON($0) })
        schema.add("maximum", maximum.map { JSON($0) })
        return schema
    }

    /// True or false. The description is for the model.
    public static func boolean(_ description: String? = nil) -> Schema { Schema(type: "boolean", description) }

    /// One of some strings.
    public static func choice(_ values: [String], _ description: String? = nil) -> Schema {
        Schema(type: "string", description).with("enum", JSON(values.map { JSON($0) }))
    }

    /// Any number of values of one kind. The description is for the model.
    public static func array(
        of element: Schema, _ description: String? = nil, minItems: Int? = nil, maxItems: Int? = nil
    ) -> Schema {
        var schema = Schema(type: "array", description).with("items", element.json)
        schema.add("minItems", minItems.map { JSON($0) })
        schema.add("maxItems", maxItems.map { JSON($0) })
        return schema
    }

    /// - Parameters:
    ///   - properties: In their order; required unless ``optional``.
    ///   - description: For the model.
    ///   - others: Whether properties that are not named may be there too.
    public static func object(
        _ properties: KeyValuePairs<String, Schema>, _ description: String? = nil, others: Bool = true
    ) -> Schema {
        var schema = Schema(type: "object", description)
        let required = properties.filter { !$0.value.isOptional }.map { JSON($0.key) }
        if !properties.isEmpty { schema.add("properties", .object(properties.map { ($0.key, $0.value.json) })) }
        if !required.isEmpty { schema.add("required", JSON(required)) }
        if !others { schema.add("additionalProperties", false) }
        return schema
    }
}

extension Schema: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral properties: (String, Schema)...) {
        self.init(type: "object", nil)
        let required = properties.filter { !$0.1.isOptional }.map { JSON($0.0) }
        if !properties.isEmpty { add("properties", .object(properties.map { ($0.0, $0.1.json) })) }
        if !required.isEmpty { add("required", JSON(required)) }
    }
}
