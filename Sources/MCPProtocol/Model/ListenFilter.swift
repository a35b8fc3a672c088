/// What a client wants to hear of, or is granted, with `subscriptions/listen` (MCP 2026-07-28,
/// basic/patterns/subscriptions; `taskIds` of the tasks extension).
package struct ListenFilter: Sendable, Equatable {
    package var toolsListChanged: Bool
    package var promptsListChanged: Bool
    package var resourcesListChanged: Bool
    /// URIs, each once, in their order.
    package var resourceSubscriptions: [String]
    /// Each once, in their order.
    package var taskIDs: [String]

    package init(
        toolsListChanged: Bool = false, promptsListChanged: Bool = false, resourcesListChanged: Bool = false,
        resourceSubscriptions: [String] = [], taskIDs: [String] = []
    ) {
        self.toolsListChanged = toolsListChanged
        self.promptsListChanged = promptsListChanged
        self.resourcesListChanged = resourcesListChanged
        self.resourceSubscriptions = resourceSubscriptions
        self.taskIDs = taskIDs
    }

    /// Reads `params.notifications`. Kinds of which nothing is known here are passed over (M-29).
    /// - Parameter limit: The most resources, and the most tasks, in one filter.
    package init(params: JSON?, limit: Int = 1_000) throws(RPCError) {
        do {
            let reader = try ShapeReader(params?["notifications"] ?? nil, at: "params.notifications")
            self.init(
                toolsListChanged: try reader.bool("toolsListChanged") ?? false,
                promptsListChanged: try reader.bool("promptsListChanged") ?? false,
                resourcesListChanged: try reader.bool("resourcesListChanged") ?? false,
                resourceSubscriptions: try Self.names("resourceSubscriptions", reader, limit),
                taskIDs: try Self.names("taskIds", reader, limit))
        } catch {
            throw error.rpcError
        }
    }

    private static func names(
        _ member: String, _ reader: ShapeReader, _ limit: Int
    ) throws(ShapeError) -> [String] {
        guard reader.value(member).map({ $0.count <= limit }) ?? true else {
            throw reader.error(member, "no more than \(limit) long")
        }
        var seen: Set<String> = []
        return try reader.strings(member)?.filter { seen.insert($0).inserted } ?? []
    }

    /// What of this a server with these capabilities can honour. Which tasks are the caller's own is for others to say.
    package func granted(by capabilities: ServerCapabilities) -> ListenFilter {
        let hasTasks = capabilities.extensions?[ExtensionID.tasks] != nil
        return ListenFilter(
            toolsListChanged: toolsListChanged && capabilities.toolsListChanged == true,
            promptsListChanged: promptsListChanged && capabilities.promptsListChanged == true,
            resourcesListChanged: resourcesListChanged && capabilities.resources?.listChanged == true,
            resourceSubscriptions: capabilities.resources?.subscribe == true ? resourceSubscriptions : [],
            taskIDs: hasTasks ? taskIDs : [])
    }

    /// As `notifications` of the request, and of its acknowledgment.
    package var json: JSON {
        var members = JSONMembers()
        if toolsListChanged { members.add("toolsListChanged", true) }
        if promptsListChanged { members.add("promptsListChanged", true) }
        if resourcesListChanged { members.add("resourcesListChanged", true) }
        members.add("resourceSubscriptions", some: resourceSubscriptions)
        members.add("taskIds", some: taskIDs)
        return members.json
    }
}
