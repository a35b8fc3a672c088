import Logging
import MCPEngine
import MCPProtocol
import MCPStdio
import MCPTesting
import Testing

/// A client at the other end of a channel in memory, and the gateway behind it.
struct Talk {
    let client: InMemoryChannel.Client
    let conversation: Conversation

    /// Serves one channel while `body` talks to it, then ends it and waits for the server to end.
    static func with(
        _ tools: [SwiftTool], configure: (inout Gateway.Configuration) -> Void = { _ in }, buffer: Int = 64 << 10,
        configuration: StdioServer.Configuration = StdioServer.Configuration(),
        body: @escaping @Sendable (Talk) async throws -> Void
    ) async throws {
        try await Conversation(tools: tools, configure: configure).run { conversation in
            let channel = InMemoryChannel(buffer: buffer, longestLine: 100_000)
            let server = StdioServer(
                gateway: conversation.gateway, channel: channel, configuration: configuration, logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                try await body(Talk(client: channel.client, conversation: conversation))
                channel.client.finish()
                try await group.waitForAll()
            }
            // The session ends with the channel, and so does everything that was in flight.
            while conversation.gateway.directory.count + conversation.gateway.inFlight > 0 { await Task.yield() }
        }
    }

    static var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    static let initialize =
        #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"c","version":"1"}}}"#

    func send(_ lines: String...) async {
        for line in lines { await client.send(line) }
    }

    func next() async throws -> JSON {
        try JSON(parsing: Array(#require(await client.receive()).utf8))
    }

    func open(version: String = "2025-11-25") async throws {
        await send(Self.initialize.replacing("2025-11-25", with: version))
        let opened = try await next()
        #expect(opened["result"]?["protocolVersion"]?.string == version)
        await send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
    }

    /// A request of the per-request era; `params` are members, without braces.
    static func claim(_ method: String, id: Int, params: String = "") -> String {
        let keys = "io.modelcontextprotocol/"
        return
            #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{"_meta":{"\#(keys)protocolVersion":"2026-07-28","\#(keys)clientCapabilities":{"roots":{}}}\#(params.isEmpty ? "" : ",")\#(params)}}"#
    }

    static func cancel(_ id: Int) -> String {
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
    }
}

/// Tools that do what a test tells them.
enum Tools {
    static let echo = SwiftTool(Tool(name: "echo")) { arguments, _ in .text(arguments["text"]?.string ?? "") }

    static func waiting(at gate: Gate) -> SwiftTool {
        SwiftTool(Tool(name: "wait")) { _, context in
            context.progress(1)
            await gate.pass()
            try Task.checkCancellation()
            return .text("done")
        }
    }

    /// Asks its client where it may work.
    static let asking = SwiftTool(Tool(name: "ask")) { _, context in
        .text(try await context.roots().map(\.uri).joined(separator: " "))
    }

    static let big = SwiftTool(Tool(name: "big")) { arguments, _ in
        .text(String(repeating: "x", count: Int(arguments["bytes"]?.integer ?? 0)))
    }
}

extension JSON {
    var text: String? { self["result"]?["content"]?.elements?.first?["text"]?.string }
    var id: Int64? { self["id"]?.integer }
    var subscription: Int64? {
        self["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"]?.integer
    }
    var code: Int64? { self["error"]?["code"]?.integer }
}
