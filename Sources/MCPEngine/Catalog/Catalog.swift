package import MCPProtocol

/// The lists that a client may ask for; each is prepared, cached and announced on its own.
package enum ListKind: CaseIterable, Sendable {
    case tools, prompts, resources, templates

    var method: String {
        switch self {
        case .tools: Method.toolsList
        case .prompts: Method.promptsList
        case .resources: Method.resourcesList
        case .templates: Method.resourcesTemplatesList
        }
    }

    var member: String {
        switch self {
        case .tools: "tools"
        case .prompts: "prompts"
        case .resources: "resources"
        case .templates: "resourceTemplates"
        }
    }
}

/// How the catalog is shown: by whom, in what pieces, and for how long clients may keep them.
package struct CatalogPolicy: Sendable {
    package var identity: Implementation
    /// For the model, sent when a client opens.
    package var instructions: String?
    /// Items on a page of a list.
    package var pageSize = 1000
    /// The same for every caller, and told to those who listen when they change.
    package var lists = Dictionary(
        uniqueKeysWithValues: ListKind.allCases.map { ($0, CacheHint(ttl: .seconds(60), scope: .public)) })
    package var discover = CacheHint(ttl: .seconds(60), scope: .public)
    /// Offered even while there is nothing of the kind.
    package var declared: Set<ListKind> = []
    /// Completion is offered even while nothing completes.
    package var declaresCompletions = false

    package init(identity: Implementation, instructions: String? = nil) {
        self.identity = identity
        self.instructions = instructions
    }
}

/// An immutable snapshot of everything on offer. Lists are prepared bytes: the same from call to call, and ready before
/// anyone asks. A class, because every request takes it out of a lock: one reference, not a dozen.
package final class Catalog: Sendable {
    /// A class for the same reason.
    package final class ToolEntry: Sendable {
        package let tasks: SwiftTool.TaskSupport
        /// What of its arguments is repeated in headers (H-76).
        package let headers: ParameterHeaders?
        package let upstream: any Upstream

        init(tasks: SwiftTool.TaskSupport, headers: ParameterHeaders?, upstream: any Upstream) {
            self.tasks = tasks
            self.headers = headers
            self.upstream = upstream
        }
    }

    private let tools: [Tool]
    private let prompts: [Prompt]
    private let resources: [Resource]
    private let templates: [(template: Offer.OfferedTemplate, upstream: any Upstream)]
    private let toolsByName: [String: ToolEntry]
    private let promptOwners: [String: any Upstream]
    private let resourceOwners: [String: any Upstream]
    private let completers: [any Upstream]
    private let pages: [ListKind: [ProtocolVersion: [[UInt8]]]]
    private let openings: [ProtocolVersion: [UInt8]]
    package let capabilities: ServerCapabilities

    /// - Parameter offers: In the order in which they are shown; of two items with one name the first stays.
    package init(_ offers: [(upstream: any Upstream, offer: Offer)], policy: CatalogPolicy) {
        var tools: [Tool] = []
        var toolsByName: [String: ToolEntry] = [:]
        var prompts: [Prompt] = []
        var promptOwners: [String: any Upstream] = [:]
        var resources: [Resource] = []
        var resourceOwners: [String: any Upstream] = [:]
        var templates: [(template: Offer.OfferedTemplate, upstream: any Upstream)] = []
        for (upstream, offer) in offers {
            for offered in offer.tools where toolsByName[offered.tool.name] == nil {
                let tool = offered.tool
                // Annotations that are not valid mean nothing (H-77).
                let headers = try? ParameterHeaders(inputSchema: tool.inputSchema)
                toolsByName[tool.name] = ToolEntry(tasks: offered.tasks, headers: headers, upstream: upstream)
                tools.append(tool)
            }
            for prompt in offer.prompts where promptOwners[prompt.name] == nil {
                promptOwners[prompt.name] = upstream
                prompts.append(prompt)
            }
            for resource in offer.resources where resourceOwners[resource.uri] == nil {
                resourceOwners[resource.uri] = upstream
                resources.append(resource)
            }
            let known = Set(templates.map(\.template.definition.uriTemplate))
            for template in offer.templates where !known.contains(template.definition.uriTemplate) {
                templates.append((template, upstream))
            }
        }
        self.tools = tools
        self.prompts = prompts
        self.resources = resources
        self.templates = templates
        self.toolsByName = toolsByName
        self.promptOwners = promptOwners
        self.resourceOwners = resourceOwners
        completers = offers.filter(\.offer.completes).map(\.upstream)
        capabilities = Self.capabilities(
            prompts: !prompts.isEmpty || policy.declared.contains(.prompts),
            resources: !resources.isEmpty || !templates.isEmpty
                || !policy.declared.isDisjoint(with: [.resources, .templates]),
            completions: !completers.isEmpty || policy.declaresCompletions,
            tasks: toolsByName.values.contains { $0.tasks != .none } || offers.contains { $0.offer.makesTasks })
        let capabilities = capabilities
        let instructions = policy.instructions ?? Self.instructions(offers)
        openings = Dictionary(
            uniqueKeysWithValues: ProtocolVersion.allCases.map {
                ($0, Opening.make($0, capabilities, policy, instructions: instructions))
            })
        var pages: [ListKind: [ProtocolVersion: [[UInt8]]]] = [:]
        for kind in ListKind.allCases {
            pages[kind] = Dictionary(
                uniqueKeysWithValues: ProtocolVersion.allCases.map { version in
                    let items: [JSON] =
                        switch kind {
                        case .tools: tools.map { $0.json(for: version) }
                        case .prompts: prompts.map { $0.json(for: version) }
                        case .resources: resources.map { $0.json(for: version) }
                        case .templates: templates.map { $0.template.definition.json(for: version) }
                        }
                    return (version, ListPages.make(kind, items, version, policy))
                })
        }
        self.pages = pages
    }

    /// What the upstreams tell the model: that of the only one as it is, those of several under their names (B-05).
    private static func instructions(_ offers: [(upstream: any Upstream, offer: Offer)]) -> String? {
        let told = offers.compactMap { upstream, offer in offer.instructions.map { (upstream.name, $0) } }
        if told.count < 2 { return told.first?.1 }
        return told.map { "# \($0)\n\n\($1)" }.joined(separator: "\n\n")
    }

    private static func capabilities(
        prompts: Bool, resources: Bool, completions: Bool, tasks: Bool
    ) -> ServerCapabilities {
        ServerCapabilities(
            toolsListChanged: true, promptsListChanged: prompts ? true : nil,
            resources: resources ? .init(listChanged: true, subscribe: true) : nil, logging: true,
            completions: completions, extensions: tasks ? .object([(ExtensionID.tasks, [:] as JSON)]) : JSON?.none)
    }

    // MARK: Whose is it?

    package func tool(_ name: String) -> ToolEntry? { toolsByName[name] }
    package func owner(ofPrompt name: String) -> (any Upstream)? { promptOwners[name] }

    package func owner(ofResource uri: String) -> (any Upstream)? {
        resourceOwners[uri] ?? templates.first { $0.template.template.match(uri) != nil }?.upstream
    }

    /// Who completes the arguments of what is referred to; nil when there is no such thing.
    package func owner(of reference: CompletionReference) -> (any Upstream)? {
        switch reference {
        case .prompt(let name): promptOwners[name]
        case .resource(let template):
            templates.first { $0.template.definition.uriTemplate == template }?.upstream ?? resourceOwners[template]
        }
    }

    // MARK: Openings and lists

    /// The result of `initialize`, or of `server/discover`, whichever `version` is opened with.
    package func opening(for version: ProtocolVersion) -> [UInt8] { openings[version] ?? [] }

    /// The result of a list request, as clients of `version` know it; nil when there is no such page.
    package func page(_ kind: ListKind, for version: ProtocolVersion, cursor: String?) -> [UInt8]? {
        let pages = pages[kind]?[version] ?? []
        guard let cursor else { return pages.first }
        guard let number = ListPages.number(of: cursor), number < pages.count else { return nil }
        return pages[number]
    }

    package var toolCount: Int { tools.count }

    /// The lists that are different in `other`.
    package func changes(to other: Catalog) -> Set<ListKind> {
        var changes: Set<ListKind> = []
        if tools != other.tools { changes.insert(.tools) }
        if prompts != other.prompts { changes.insert(.prompts) }
        if resources != other.resources { changes.insert(.resources) }
        if templates.map(\.template) != other.templates.map(\.template) { changes.insert(.templates) }
        return changes
    }
}
