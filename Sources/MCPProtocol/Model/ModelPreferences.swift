/// What matters in the choice of a model for sampling (MCP 2025-11-25, client/sampling, "Model Preferences"). The
/// client decides.
public struct ModelPreferences: Sendable, Equatable {
    /// Names or parts of names, the most wanted first.
    public var hints: [String]
    /// From 0 to 1.
    public var costPriority: Double?
    /// From 0 to 1.
    public var speedPriority: Double?
    /// From 0 to 1.
    public var intelligencePriority: Double?

    public init(
        hints: [String] = [], costPriority: Double? = nil, speedPriority: Double? = nil,
        intelligencePriority: Double? = nil
    ) {
        self.hints = hints
        self.costPriority = costPriority
        self.speedPriority = speedPriority
        self.intelligencePriority = intelligencePriority
    }

    package init(_ json: JSON, at path: String = "modelPreferences") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        let names = try reader.array("hints") { json, path throws(ShapeError) in
            try ShapeReader(json, at: path).optionalString("name")
        }
        hints = (names ?? []).compactMap { $0 }
        costPriority = try reader.number("costPriority")
        speedPriority = try reader.number("speedPriority")
        intelligencePriority = try reader.number("intelligencePriority")
    }

    package var json: JSON {
        var members = JSONMembers()
        members.add("hints", some: hints.map { ["name": JSON($0)] })
        members.add("costPriority", costPriority)
        members.add("speedPriority", speedPriority)
        members.add("intelligencePriority", intelligencePriority)
        return members.json
    }
}
