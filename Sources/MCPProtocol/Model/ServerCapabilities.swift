/// What a server offers (MCP 2025-11-25, basic/lifecycle; M-24). A field that is nil or false is not offered.
package struct ServerCapabilities: Sendable, Equatable {
    package struct Resources: Sendable, Equatable {
        /// Changes of the list are announced.
        package var listChanged: Bool
        /// Changes of single resources are announced to who asks for them.
        package var subscribe: Bool

        package init(listChanged: Bool = false, subscribe: Bool = false) {
            self.listChanged = listChanged
            self.subscribe = subscribe
        }
    }

    /// Tools are offered; whether changes of their list are announced.
    package var toolsListChanged: Bool?
    /// Prompts are offered; whether changes of their list are announced.
    package var promptsListChanged: Bool?
    package var resources: Resources?
    package var logging: Bool
    package var completions: Bool
    /// An object: settings by identifier. For clients from 2026-07-28 on.
    package var extensions: JSON?
    /// An object.
    package var experimental: JSON?

    package init(
        toolsListChanged: Bool? = nil, promptsListChanged: Bool? = nil, resources: Resources? = nil,
        logging: Bool = false, completions: Bool = false, extensions: JSON? = nil, experimental: JSON? = nil
    ) {
        self.toolsListChanged = toolsListChanged
        self.promptsListChanged = promptsListChanged
        self.resources = resources
        self.logging = logging
        self.completions = completions
        self.extensions = extensions
        self.experimental = experimental
    }

    package init(_ json: JSON, at path: String = "capabilities") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        func flag(_ group: String, _ name: String) throws(ShapeError) -> Bool? {
            guard let object = try reader.object(group) else { return nil }
            return try ShapeReader(object, at: "\(path).\(group)").bool(name) ?? false
        }
        toolsListChanged = try flag("tools", "listChanged")
        promptsListChanged = try flag("prompts", "listChanged")
        if let listChanged = try flag("resources", "listChanged") {
            resources = Resources(listChanged: listChanged, subscribe: try flag("resources", "subscribe") ?? false)
        }
        logging = try reader.object("logging") != nil
        completions = try reader.object("completions") != nil
        extensions = try reader.object("extensions")
        experimental = try reader.object("experimental")
    }

    package func json(for version: ProtocolVersion) -> JSON {
        var members = JSONMembers()
        members.add("experimental", experimental)
        if logging { members.add("logging", [:] as JSON) }
        if completions, version.hasCompletionsCapability { members.add("completions", [:] as JSON) }
        members.add("prompts", promptsListChanged.map(Self.list))
        if let resources {
            var shown = JSONMembers()
            if resources.subscribe { shown.add("subscribe", true) }
            if resources.listChanged { shown.add("listChanged", true) }
            members.add("resources", shown.json)
        }
        members.add("tools", toolsListChanged.map(Self.list))
        if version.hasExtensions { members.add("extensions", extensions) }
        return members.json
    }

    private static func list(changes: Bool) -> JSON { changes ? ["listChanged": true] : [:] }
}
