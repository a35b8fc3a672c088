package import MCPProtocol

/// Anything that can answer: Swift tools in this process, a child process, a remote server.
package protocol Upstream: Sendable {
    /// A configured name, unique among upstreams; a metric label and a part of messages to people.
    var name: String { get }

    /// What it offers now.
    var offer: Offer { get }

    /// Tells `observer` from now on. Called once by each gateway, before anything is asked.
    func observe(_ observer: UpstreamObserver)

    /// What has to be settled with the client before the work begins, and perhaps becomes a task. Called for tools that
    /// support tasks; throws what ``answer(_:on:)`` throws.
    func prepare(_ work: Work, on exchange: any ExchangePort) async throws -> Work

    /// Does the work and returns the result object's bytes, in the shape of `exchange.envelope`.
    ///
    /// Throws ``RPCError`` for a protocol error, ``ToolError`` for a failure the model should read, and
    /// `CancellationError` when its task was cancelled.
    func answer(_ work: Work, on exchange: any ExchangePort) async throws -> [UInt8]

    /// Whether it has to be told who wants to hear of which resource; otherwise it tells of each that changes.
    var watchesResources: Bool { get }

    /// That somebody wants to hear of a resource. To be told twice changes nothing.
    /// - Parameter owner: The watcher's ``Principal/id``.
    /// - Throws: What the client that asked should be told.
    func watch(_ uri: String, for watcher: ResourceWatcher, of owner: String) async throws(RPCError)

    func unwatch(_ uri: String, for watcher: ResourceWatcher, of owner: String)

    /// A session is over, and everything it was owed has been delivered.
    func sessionEnded(_ session: SessionKey)
}

extension Upstream {
    package var watchesResources: Bool { false }
    package func watch(_ uri: String, for watcher: ResourceWatcher, of owner: String) async throws(RPCError) {}
    package func unwatch(_ uri: String, for watcher: ResourceWatcher, of owner: String) {}
    package func sessionEnded(_ session: SessionKey) {}
}

/// A request that somebody must work for. What needs no work is answered from the catalog.
package struct Work: Sendable {
    package enum Subject: Equatable, Sendable {
        case tool(String)
        case prompt(String)
        /// A URI.
        case resource(String)
        case completion(CompletionRequest)
        /// A URI that a session wants to hear of.
        case subscription(String)
    }

    package var subject: Subject
    /// The request's, verbatim.
    package var params: JSON

    package init(_ subject: Subject, params: JSON) {
        self.subject = subject
        self.params = params
    }
}

/// What an upstream has to say without being asked.
package struct UpstreamObserver: Sendable {
    /// Its offer is another one now.
    package var offerChanged: @Sendable () -> Void
    /// What the resource of that URI holds is something else now.
    package var resourceUpdated: @Sendable (_ uri: String) -> Void

    package init(
        offerChanged: @escaping @Sendable () -> Void, resourceUpdated: @escaping @Sendable (_ uri: String) -> Void
    ) {
        self.offerChanged = offerChanged
        self.resourceUpdated = resourceUpdated
    }
}

/// What one upstream has to offer, in the order in which it should be shown.
package struct Offer: Sendable {
    package struct OfferedTool: Equatable, Sendable {
        package var tool: Tool
        package var tasks: SwiftTool.TaskSupport

        package init(_ tool: Tool, tasks: SwiftTool.TaskSupport = .none) {
            self.tool = tool
            self.tasks = tasks
        }
    }

    package var tools: [OfferedTool] = []
    package var prompts: [Prompt] = []
    package var resources: [Resource] = []
    package var templates: [OfferedTemplate] = []
    /// Whether it answers `completion/complete` for some of them.
    package var completes = false
    /// Whether it makes tasks of some calls, as it sees fit (see ``TaskBegun``).
    package var makesTasks = false
    /// For the model, on how to use all that.
    package var instructions: String?

    package struct OfferedTemplate: Equatable, Sendable {
        package var definition: ResourceTemplate
        package var template: URITemplate

        package init(_ definition: ResourceTemplate, _ template: URITemplate) {
            self.definition = definition
            self.template = template
        }
    }

    package init() {}
}

/// Thrown by ``Upstream/answer(_:on:)`` where ``ExchangePort/takesTasks``: the call goes on as a task.
package struct TaskBegun: Error, Sendable {
    /// Goes on with the work, and returns what ``Upstream/answer(_:on:)`` would have.
    package var function: @Sendable (any ExchangePort) async throws -> [UInt8]
    /// There will be no task.
    package var abandon: @Sendable () -> Void
}

/// A tool's failure in words meant for the model: it becomes a result with `isError`.
public struct ToolError: Error, Sendable {
    /// For the model: what went wrong, and what would be right.
    public var message: String
    public init(_ message: String) { self.message = message }
}
