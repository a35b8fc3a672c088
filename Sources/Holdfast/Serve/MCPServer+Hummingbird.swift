public import Hummingbird
import MCPEngine
import MCPHTTP
public import NIOCore
public import ServiceLifecycle

/// A request context that knows the request's connection, so that a client which goes away is noticed.
public protocol MCPRequestContext: RequestContext {
    /// As the context's source has it.
    var channel: any Channel { get }
}

/// A context for applications that need nothing of their own in it.
public struct BasicMCPRequestContext: MCPRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// In a Hummingbird application, beside its other routes:
///
///     let router = Router(context: BasicMCPRequestContext.self)
///     try server.mount(on: router, at: "mcp")
///     try await server.run(with: Application(router: router))
extension MCPServer {
    /// Adds the endpoint to `router`. The server must run as well: ``run(with:)`` or ``services(with:)``.
    /// - Parameters:
    ///   - router: Of the application that this server runs with.
    ///   - path: Where on it.
    ///   - http: Who may call, from where; its `host` is the address that the application listens on. Its `port` and `path`
    ///     do not matter here.
    /// - Throws: When the data directory cannot be used, or when `http` would let in everyone.
    public func mount<Context: MCPRequestContext>(
        on router: some RouterMethods<Context>, at path: RouterPath = "mcp", _ http: HTTP = HTTP()
    ) throws {
        let endpoint = EmbeddedEndpoint(
            configuration: try http.configuration(options.limits), gateway: try gateway(), logger: logger)
        for method in [HTTPRequest.Method.post, .get, .delete, .options] {
            router.on(path, method: method) { request, context in
                try await endpoint.respond(to: request, channel: context.channel)
            }
        }
    }

    /// Runs `application`, and this server in it, until SIGTERM or SIGINT; then lets what runs finish.
    public func run(with application: any Service) async throws {
        try await Lifespan(gateway: try gateway(), front: application, others: [], logger: logger).run()
    }

    /// The same for a `ServiceGroup` with more services in it. Their order matters: the last is stopped first.
    public func services(with application: any Service) throws -> [any Service] {
        Lifespan.services(around: application, try gateway())
    }
}
