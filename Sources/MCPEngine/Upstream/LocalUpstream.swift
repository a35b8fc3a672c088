import MCPProtocol
import Synchronization

/// Tools, prompts and resources written in Swift, in this process.
package final class LocalUpstream: Upstream {
    package let name: String
    private let state: Mutex<State>

    private struct State {
        var tools = Named<SwiftTool>()
        var prompts = Named<SwiftPrompt>()
        var resources = Named<SwiftResource>()
        var templates = Named<SwiftResourceTemplate>()
        /// One for each gateway that this is an upstream of.
        var observers: [UpstreamObserver] = []
    }

    /// In the order of their arrival; a name that is there already is replaced in its place.
    private struct Named<Item: Sendable>: Sendable {
        private(set) var items: [Item] = []
        private var places: [String: Int] = [:]

        subscript(_ name: String) -> Item? { places[name].map { items[$0] } }

        func place(of name: String) -> Int? { places[name] }

        mutating func put(_ item: Item, as name: String) {
            if let place = places[name] {
                items[place] = item
            } else {
                places[name] = items.count
                items.append(item)
            }
        }

        mutating func remove(_ name: String) -> Bool {
            guard let place = places.removeValue(forKey: name) else { return false }
            items.remove(at: place)
            for (name, other) in places where other > place { places[name] = other - 1 }
            return true
        }
    }

    /// - Parameter tools: Names must differ; of two with one name the later wins.
    package init(name: String, tools: [SwiftTool] = []) {
        self.name = name
        var state = State()
        for tool in tools { state.tools.put(tool, as: tool.definition.name) }
        self.state = Mutex(state)
    }

    package func observe(_ observer: UpstreamObserver) {
        state.withLock { $0.observers.append(observer) }
    }

    // MARK: What it offers, also while the server runs

    /// Adds a tool, or replaces the one of that name.
    package func register(_ tool: SwiftTool) { change { $0.tools.put(tool, as: tool.definition.name) } }

    /// Adds a tool unless there is one of that name; then this is false.
    package func add(_ tool: SwiftTool) -> Bool {
        var isNew = false
        change { state in
            isNew = state.tools[tool.definition.name] == nil
            if isNew { state.tools.put(tool, as: tool.definition.name) }
        }
        return isNew
    }

    package func register(_ prompt: SwiftPrompt) { change { $0.prompts.put(prompt, as: prompt.definition.name) } }
    package func register(_ resource: SwiftResource) {
        change { $0.resources.put(resource, as: resource.definition.uri) }
    }
    package func register(_ template: SwiftResourceTemplate) {
        change { $0.templates.put(template, as: template.definition.uriTemplate) }
    }

    /// What is not there need not be removed.
    package func removeTool(_ name: String) { change { _ = $0.tools.remove(name) } }
    package func removePrompt(_ name: String) { change { _ = $0.prompts.remove(name) } }
    package func removeResource(_ uri: String) { change { _ = $0.resources.remove(uri) } }
    package func removeTemplate(_ uriTemplate: String) { change { _ = $0.templates.remove(uriTemplate) } }

    /// Tells whoever subscribed to `uri` that it holds something else now.
    package func resourceUpdated(_ uri: String) {
        for observer in state.withLock({ $0.observers }) { observer.resourceUpdated(uri) }
    }

    private func change(_ change: (inout State) -> Void) {
        let observers = state.withLock { state in
            change(&state)
            return state.observers
        }
        for observer in observers { observer.offerChanged() }
    }

    package var offer: Offer {
        state.withLock { state in
            var offer = Offer()
            offer.tools = state.tools.items.map { Offer.OfferedTool($0.definition, tasks: $0.tasks) }
            offer.prompts = state.prompts.items.map(\.definition)
            offer.resources = state.resources.items.map(\.definition)
            offer.templates = state.templates.items.map { Offer.OfferedTemplate($0.definition, $0.template) }
            offer.completes =
                state.prompts.items.contains { $0.completion != nil }
                || state.templates.items.contains { $0.completion != nil }
            return offer
        }
    }

    // MARK: Answers

    package func prepare(_ work: Work, on exchange: any ExchangePort) async throws -> Work {
        guard case .tool(let name) = work.subject, let preparation = state.withLock({ $0.tools[name]?.preparation })
        else { return work }
        let prepared = try await preparation(try Self.arguments(work), CallContext(exchange))
        return Work(work.subject, params: .object([("name", JSON(name)), ("arguments", prepared)]))
    }

    private static func arguments(_ work: Work) throws -> JSON {
        let arguments = work.params["arguments"] ?? JSON.object([])
        guard arguments.kind == .object else { throw RPCError.invalidParams("params.arguments must be an object") }
        return arguments
    }

    package func answer(_ work: Work, on exchange: any ExchangePort) async throws -> [UInt8] {
        let context = CallContext(exchange)
        switch work.subject {
        case .tool(let name):
            // Only the function: the definition that comes with it would be copied on every call.
            var body: SwiftTool.Body?
            state.withLock { state in
                if let place = state.tools.place(of: name) { body = state.tools.items[place].body }
            }
            guard let body else { throw RPCError.invalidParams("Unknown tool: \(name)") }
            return try await body(try Self.arguments(work), context).encoded(in: exchange.envelope)
        case .prompt(let name): return try await prompt(name, work.params, context)
        case .resource(let uri): return try await read(uri, context)
        case .completion(let request): return try await complete(request, context)
        // What changes is told without being asked.
        case .subscription: return exchange.envelope.empty
        }
    }

    private func prompt(_ name: String, _ params: JSON, _ context: CallContext) async throws -> [UInt8] {
        guard let prompt = state.withLock({ $0.prompts[name] }) else {
            throw RPCError.invalidParams("Unknown prompt: \(name)")
        }
        let arguments = try Self.strings(params["arguments"], "params.arguments")
        for argument in prompt.definition.arguments where argument.required && arguments[argument.name] == nil {
            throw RPCError.invalidParams("The prompt \(name) needs params.arguments.\(argument.name), a string")
        }
        var result = try await prompt.body(arguments, context)
        if result.description == nil { result.description = prompt.definition.description }
        return context.exchange.envelope.prompt(result)
    }

    private func read(_ uri: String, _ context: CallContext) async throws -> [UInt8] {
        let (resource, templates) = state.withLock { ($0.resources[uri], $0.templates.items) }
        let result: ResourceResult
        if let resource {
            result = try await resource.body(context)
        } else {
            var match: (SwiftResourceTemplate, [String: String])?
            for template in templates {
                guard let variables = template.template.match(uri) else { continue }
                match = (template, variables)
                break
            }
            guard let (template, variables) = match else { throw ResourceNotFound(uri) }
            result = try await template.body(uri, variables, context)
        }
        return context.exchange.envelope.resource(result, cache: .none)
    }

    private func complete(_ request: CompletionRequest, _ context: CallContext) async throws -> [UInt8] {
        let completion = state.withLock { state in
            switch request.reference {
            case .prompt(let name): state.prompts[name]?.completion
            case .resource(let template): state.templates[template]?.completion
            }
        }
        return context.exchange.envelope.completion(try await completion?.body(request, context) ?? Completion([]))
    }

    private static func strings(_ json: JSON?, _ name: String) throws -> [String: String] {
        guard let json, !json.isNull else { return [:] }
        guard let members = json.members else { throw RPCError.invalidParams("\(name) must be an object of strings") }
        var strings: [String: String] = [:]
        for (member, value) in members {
            guard let string = value.string else { throw RPCError.invalidParams("\(name).\(member) must be a string") }
            strings[member] = string
        }
        return strings
    }
}
