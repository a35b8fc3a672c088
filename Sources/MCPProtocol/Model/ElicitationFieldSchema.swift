extension ElicitationField {
    /// The field's JSON Schema as a client of that version can read it.
    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        let isArray = if case .choices = kind { true } else { false }
        members.add("type", typeName)
        members.add("title", title)
        members.add("description", description)
        switch kind {
        case .string(let format, let minLength, let maxLength, let value):
            members.add("minLength", minLength)
            members.add("maxLength", maxLength)
            members.add("format", format?.rawValue)
            members.add("default", value)
        case .integer(let minimum, let maximum, let value):
            members.add("minimum", minimum)
            members.add("maximum", maximum)
            members.add("default", value)
        case .number(let minimum, let maximum, let value):
            members.add("minimum", minimum)
            members.add("maximum", maximum)
            members.add("default", value)
        case .boolean(let value):
            members.add("default", value)
        case .choice(let options, let legacy, let value):
            Self.add(options, to: &members, legacy: legacy || !version.hasElicitationModes, isArray: isArray)
            members.add("default", value)
        case .choices(let options, let minItems, let maxItems, let values):
            members.add("minItems", minItems)
            members.add("maxItems", maxItems)
            var items = JSONMembers()
            Self.add(options, to: &items, legacy: false, isArray: isArray)
            members.add("items", items.json)
            members.add("default", values.map { JSON($0.map { JSON($0) }) })
        }
        return members.json
    }

    private var typeName: String {
        switch kind {
        case .string, .choice: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .choices: "array"
        }
    }

    /// With a title for each as `oneOf` or, inside an array, `anyOf`; otherwise as `enum`.
    private static func add(_ options: [Option], to members: inout JSONMembers, legacy: Bool, isArray: Bool) {
        let titles = options.compactMap(\.title)
        let isTitled = !titles.isEmpty && titles.count == options.count
        if isTitled, !legacy {
            let titled = zip(options, titles).map { ["const": JSON($0.value), "title": JSON($1)] as JSON }
            members.add(isArray ? "anyOf" : "oneOf", JSON(titled))
            return
        }
        if isArray { members.add("type", "string") }
        members.add("enum", JSON(options.map { JSON($0.value) }))
        if isTitled { members.add("enumNames", JSON(titles.map { JSON($0) })) }
    }

    package init(name: String, required: Bool, schema: JSON, at path: String) throws(ShapeError) {
        let reader = try ShapeReader(schema, at: path)
        let kind: Kind
        switch try reader.string("type") {
        case "string": kind = try Self.string(reader)
        case "integer":
            kind = .integer(
                minimum: try reader.integer("minimum"), maximum: try reader.integer("maximum"),
                default: try reader.integer("default"))
        case "number":
            kind = .number(
                minimum: try reader.number("minimum"), maximum: try reader.number("maximum"),
                default: try reader.number("default"))
        case "boolean": kind = .boolean(default: try reader.bool("default"))
        case "array":
            guard let items = try reader.object("items") else { throw reader.error("items", "an object") }
            let options = try Self.options(try ShapeReader(items, at: "\(path).items"), titled: "anyOf")
            guard let options else { throw reader.error("items", "an object with \"enum\" or \"anyOf\"") }
            kind = .choices(
                options.list, minItems: try reader.integer("minItems"), maxItems: try reader.integer("maxItems"),
                default: try reader.strings("default"))
        default: throw reader.error("type", "\"string\", \"integer\", \"number\", \"boolean\" or \"array\"")
        }
        self.init(
            name, try reader.optionalString("title"), try reader.optionalString("description"), required, kind)
    }

    private static func string(_ reader: ShapeReader) throws(ShapeError) -> Kind {
        let value = try reader.optionalString("default")
        if let options = try options(reader, titled: "oneOf") {
            return .choice(options.list, legacy: options.isLegacy, default: value)
        }
        return .string(
            format: try reader.optionalString("format").flatMap { Format(rawValue: $0) },
            minLength: try reader.integer("minLength"), maxLength: try reader.integer("maxLength"), default: value)
    }

    private static func options(
        _ reader: ShapeReader, titled: String
    ) throws(ShapeError) -> (list: [Option], isLegacy: Bool)? {
        let options = try reader.array(titled) { json, path throws(ShapeError) in
            let option = try ShapeReader(json, at: path)
            return Option(try option.string("const"), title: try option.string("title"))
        }
        if let options { return (options, false) }
        guard let values = try reader.strings("enum") else { return nil }
        let titles = try reader.strings("enumNames") ?? []
        if titles.count == values.count, !titles.isEmpty {
            return (zip(values, titles).map { Option($0, title: $1) }, true)
        }
        return (values.map { Option($0) }, false)
    }
}
