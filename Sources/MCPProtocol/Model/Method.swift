/// The names of requests and notifications, of all versions, and in which era each is.
package enum Method {
    // Requests of a client.
    package static let initialize = "initialize"
    package static let ping = "ping"
    package static let serverDiscover = "server/discover"
    package static let toolsList = "tools/list"
    package static let toolsCall = "tools/call"
    package static let promptsList = "prompts/list"
    package static let promptsGet = "prompts/get"
    package static let resourcesList = "resources/list"
    package static let resourcesTemplatesList = "resources/templates/list"
    package static let resourcesRead = "resources/read"
    package static let resourcesSubscribe = "resources/subscribe"
    package static let resourcesUnsubscribe = "resources/unsubscribe"
    package static let completionComplete = "completion/complete"
    package static let loggingSetLevel = "logging/setLevel"
    package static let subscriptionsListen = "subscriptions/listen"
    package static let tasksGet = "tasks/get"
    /// Only in 2025-11-25; spoken to servers, and not offered to clients.
    package static let tasksResult = "tasks/result"
    package static let tasksUpdate = "tasks/update"
    package static let tasksCancel = "tasks/cancel"

    // What a server asks of a client: requests in the handshake era, input requests in the other. `ping` as well.
    package static let elicitationCreate = "elicitation/create"
    package static let samplingCreateMessage = "sampling/createMessage"
    package static let rootsList = "roots/list"

    // Notifications of either side.
    package static let initialized = "notifications/initialized"
    package static let cancelled = "notifications/cancelled"
    package static let progress = "notifications/progress"
    package static let rootsListChanged = "notifications/roots/list_changed"
    package static let message = "notifications/message"
    package static let toolsListChanged = "notifications/tools/list_changed"
    package static let promptsListChanged = "notifications/prompts/list_changed"
    package static let resourcesListChanged = "notifications/resources/list_changed"
    package static let resourcesUpdated = "notifications/resources/updated"
    package static let elicitationComplete = "notifications/elicitation/complete"
    package static let subscriptionsAcknowledged = "notifications/subscriptions/acknowledged"
    package static let tasksChanged = "notifications/tasks"

    private static let shared: Set<String> = [
        toolsList, toolsCall, promptsList, promptsGet, resourcesList, resourcesTemplatesList, resourcesRead,
        completionComplete,
    ]

    /// The requests that a client can make. A method that is not in an era's table does not exist there. The tasks of
    /// the 2025-11-25 core are not offered.
    package static func requests(in era: Era) -> Set<String> {
        switch era {
        case .handshake: handshakeRequests
        case .perRequest: perRequestRequests
        }
    }

    private static let handshakeRequests = shared.union([
        initialize, ping, loggingSetLevel, resourcesSubscribe, resourcesUnsubscribe,
    ])
    private static let perRequestRequests = shared.union([serverDiscover, subscriptionsListen]).union(taskRequests)

    /// Those that the tasks extension adds (§3.5).
    package static let taskRequests: Set<String> = [tasksGet, tasksUpdate, tasksCancel]

    /// The notifications that a client can send.
    package static func clientNotifications(in era: Era) -> Set<String> {
        switch era {
        case .handshake: [initialized, cancelled, progress, rootsListChanged]
        case .perRequest: [cancelled]
        }
    }

    /// Requests that can end with `input_required` in the per-request era (§3.4).
    package static let asking: Set<String> = [toolsCall, promptsGet, resourcesRead]

    private static let known =
        handshakeRequests.union(perRequestRequests)
        .union([elicitationCreate, samplingCreateMessage, rootsList])
        .union([
            initialized, cancelled, progress, rootsListChanged, message, toolsListChanged, promptsListChanged,
            resourcesListChanged, resourcesUpdated, elicitationComplete, subscriptionsAcknowledged, tasksChanged,
        ])

    /// `method` if the protocol knows it, `other` if not: a client cannot make up labels for metrics and logs.
    package static func label(_ method: String) -> String {
        known.contains(method) ? method : "other"
    }
}

/// Identifiers of extensions.
package enum ExtensionID {
    package static let tasks = "io.modelcontextprotocol/tasks"
}
