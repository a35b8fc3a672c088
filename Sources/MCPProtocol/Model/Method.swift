/// The names of requests and notifications, of all versions.
package enum Method {
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
    package static let loggingSetLevel = "logging/setLevel"

    package static let initialized = "notifications/initialized"
    package static let cancelled = "notifications/cancelled"
    package static let progress = "notifications/progress"
    package static let message = "notifications/message"
    package static let toolsListChanged = "notifications/tools/list_changed"

    private static let known: Set<String> = [
        initialize, ping, serverDiscover, toolsList, toolsCall, promptsList, promptsGet, resourcesList,
        resourcesTemplatesList, resourcesRead, loggingSetLevel, initialized, cancelled, progress, message,
        toolsListChanged,
    ]

    /// `method` if the protocol knows it, `other` if not: a client cannot make up labels for metrics and logs.
    package static func label(_ method: String) -> String {
        known.contains(method) ? method : "other"
    }
}
