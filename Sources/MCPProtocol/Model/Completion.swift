/// What an argument belongs to whose value is being completed (MCP 2025-11-25, server/utilities/completion).
public enum CompletionReference: Sendable, Hashable {
    /// A prompt, by its name.
    case prompt(name: String)
    /// A resource template, by its URI template as it is listed.
    case resource(uriTemplate: String)

    package init(_ json: JSON, at path: String = "ref") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        switch try reader.string("type") {
        case "ref/prompt": self = .prompt(name: try reader.string("name"))
        case "ref/resource": self = .resource(uriTemplate: try reader.string("uri"))
        default: throw reader.error("type", "\"ref/prompt\" or \"ref/resource\"")
        }
    }

    package var json: JSON {
        switch self {
        case .prompt(let name): ["type": "ref/prompt", "name": JSON(name)]
        case .resource(let uriTemplate): ["type": "ref/resource", "uri": JSON(uriTemplate)]
        }
    }
}

/// What a client asks with `completion/complete`.
public struct CompletionRequest: Sendable, Equatable {
    /// What the argument belongs to.
    public var reference: CompletionReference
    /// The argument of the prompt, or the variable of the template.
    public var argument: String
    /// What has been typed so far.
    public var value: String
    /// The arguments that already have a value. From clients of 2025-06-18 on.
    public var context: [String: String]

    public init(reference: CompletionReference, argument: String, value: String, context: [String: String] = [:]) {
        self.reference = reference
        self.argument = argument
        self.value = value
        self.context = context
    }

    /// Reads `params`.
    package init(_ params: JSON, at path: String = "params") throws(ShapeError) {
        let reader = try ShapeReader(params, at: path)
        reference = try CompletionReference(params["ref"] ?? nil, at: "\(path).ref")
        let argumentReader = try ShapeReader(params["argument"] ?? nil, at: "\(path).argument")
        argument = try argumentReader.string("name")
        value = try argumentReader.string("value")
        context = [:]
        guard let given = try reader.object("context") else { return }
        let arguments = try ShapeReader(given, at: "\(path).context").object("arguments")
        for (name, value) in arguments?.members ?? [] {
            guard let text = value.string else { throw ShapeError("\(path).context.arguments.\(name)", "a string") }
            context[name] = text
        }
    }
}

/// Proposals for a value, best first.
public struct Completion: Sendable, Equatable {
    /// The most that may be sent.
    public static let limit = 100

    /// Those beyond ``limit`` are not sent; `hasMore` is then true.
    public var values: [String]
    /// How many there are in all, if that is known.
    public var total: Int?
    /// Whether there are more than the values here.
    public var hasMore: Bool?

    /// `total` counts those that are not here as well.
    public init(_ values: [String], total: Int? = nil, hasMore: Bool? = nil) {
        self.values = values
        self.total = total
        self.hasMore = hasMore
    }

    /// Reads `result.completion`.
    package init(_ json: JSON, at path: String = "completion") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        guard let values = try reader.strings("values") else { throw reader.error("values", "an array") }
        self.init(values, total: try reader.integer("total"), hasMore: try reader.bool("hasMore"))
    }

    package var json: JSON {
        var members = JSONMembers()
        members.add("values", JSON(values.prefix(Self.limit).map { JSON($0) }))
        members.add("total", total)
        members.add("hasMore", values.count > Self.limit ? true : hasMore)
        return members.json
    }
}
