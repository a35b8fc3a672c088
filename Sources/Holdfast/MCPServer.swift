import Logging
import MCPHTTP
import MCPStorage
import Synchronization

/// An MCP server of your own: tools, prompts and resources as Swift functions, for clients of every version.
///
///     let server = MCPServer(name: "weather", version: "1.0.0")
///     try server.tool("forecast", "Forecasts the weather", input: ["city": .string("Which city")]) {
///         (place: Place, _) in try await forecast(for: place.city)
///     }
///     try await server.serve(port: 8080)
///
/// What it offers can be changed while it runs; clients are told. A server is served once, over as many transports as
/// it takes; ``inMemory(_:_:)`` serves it to a test as often as needed.
public final class MCPServer: Sendable {
    /// Who the server says it is.
    public let identity: Implementation
    /// For the model, sent when a client opens.
    public let instructions: String?
    /// What it was made with.
    public let options: Options

    let local = LocalUpstream(name: "local")
    private let running = Mutex<Gateway?>(nil)

    /// - Parameters:
    ///   - name: For programs.
    ///   - version: Of the server, not of the protocol.
    ///   - title: For people.
    ///   - instructions: For the model, sent when a client opens.
    ///   - options: Everything else.
    public convenience init(
        name: String, version: String, title: String? = nil, instructions: String? = nil, options: Options = Options()
    ) {
        self.init(
            Implementation(name: name, title: title, version: version), instructions: instructions, options: options)
    }

    /// With everything that a server can say of itself: a description, a web page, icons.
    public init(_ identity: Implementation, instructions: String? = nil, options: Options = Options()) {
        self.identity = identity
        self.instructions = instructions
        self.options = options
    }

    /// The engine behind every transport that clients reach from outside.
    /// - Throws: When the data directory cannot be used.
    func gateway() throws -> Gateway {
        try running.withLock { running in
            if let running { return running }
            let gateway =
                if let directory = options.dataDirectory {
                    makeGateway(store: try SQLiteStore(directory: directory))
                } else {
                    makeGateway(store: InMemoryStore())
                }
            running = gateway
            return gateway
        }
    }

    func makeGateway(store: any GatewayStore) -> Gateway {
        Gateway(
            configuration: options.configuration(identity, instructions), upstreams: [local], store: store,
            logger: logger)
    }

    var logger: Logger { options.logger }
}
