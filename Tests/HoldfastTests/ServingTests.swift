import Foundation
import Holdfast
import Hummingbird
import Logging
import MCPTesting
import ServiceLifecycle
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Servers on real sockets, alone and in somebody else's application.
struct ServingTests {
    /// What a task learns and another waits for.
    private final class Port: Sendable {
        private let gate = Gate()
        private let number = Mutex(0)

        func set(_ port: Int) {
            number.withLock { $0 = port }
            gate.open()
        }

        func value() async -> Int {
            await gate.pass()
            return number.withLock { $0 }
        }
    }

    private func server(_ options: MCPServer.Options = MCPServer.Options()) throws -> MCPServer {
        var options = options
        options.logger.logLevel = .critical
        let server = MCPServer(name: "test", version: "1", options: options)
        try server.tool("who", "Names the caller") { context in context.principal.id }
        return server
    }

    /// Runs services while `body` talks to them, then stops them as a signal would.
    private func running(
        _ services: [any Service], _ body: @Sendable () async throws -> Void
    ) async throws {
        let group = ServiceGroup(services: services, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    // MARK: Stopping

    /// A connection that is accepted in the last moment is served by nobody, and must not take the process with it.
    @Test func whoComesWhileTheServerStopsBreaksNothing() async throws {
        for _ in 0..<20 {
            let port = Port()
            var http = MCPServer.HTTP()
            http.port = 0
            try await running([try server().service(http) { port.set($0) }]) {
                let number = await port.value()
                let (crowd, come) = (Gate(), Count())
                for _ in 0..<3 {
                    Thread.detachNewThread { while knock(number) { if come.next() == 30 { crowd.open() } } }
                }
                await crowd.pass()
            }
        }
    }

    private final class Count: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }

    private func post(
        _ port: Int, _ path: String, _ message: JSON, _ headers: [String: String] = [:]
    ) async throws -> (status: Int, session: String?, body: String) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = "POST"
        request.httpBody = Data(message.bytes)
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        return (
            http.statusCode, http.value(forHTTPHeaderField: "Mcp-Session-Id"), String(decoding: data, as: UTF8.self)
        )
    }

    private static let call: JSON = [
        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ["name": "who"],
    ]
    private static let initialize: JSON = [
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": ["protocolVersion": "2025-11-25", "capabilities": [:], "clientInfo": ["name": "c", "version": "1"]],
    ]

    @Test func aServerIsAService() async throws {
        let port = Port()
        var http = MCPServer.HTTP()
        http.port = 0
        http.path = "/tools"
        try await running([try server().service(http) { port.set($0) }]) {
            let answer = try await post(await port.value(), "/tools", Self.call)
            #expect(answer.status == 200 && answer.body.contains(#""text":"local""#))
        }
    }

    @Test func keysLetTheirHoldersIn() async throws {
        let port = Port()
        var http = MCPServer.HTTP()
        http.port = 0
        http.access = .keys(["ida": "sesame", "ole": "sesame2"])
        try await running([try server().service(http) { port.set($0) }]) {
            let port = await port.value()
            #expect(try await post(port, "/mcp", Self.call).status == 401)
            #expect(try await post(port, "/mcp", Self.call, ["Authorization": "Bearer wrong"]).status == 401)
            let ole = try await post(port, "/mcp", Self.call, ["Authorization": "Bearer sesame2"])
            #expect(ole.status == 200 && ole.body.contains("key:ole"))
        }
    }

    @Test func anAddressOfOtherMachinesTakesAWord() async throws {
        await #expect(throws: ServeError.self) { try await server().serve(host: "0.0.0.0", port: 0) }
    }

    @Test func sessionsSurviveARestartInADataDirectory() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "holdfast-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = MCPServer.Options()
        options.dataDirectory = directory
        var http = MCPServer.HTTP()
        http.port = 0
        let session = Mutex<String?>(nil)
        for run in 1...2 {
            let port = Port()
            try await running([try server(options).service(http) { port.set($0) }]) {
                let port = await port.value()
                if run == 1 {
                    let opened = try await post(port, "/mcp", Self.initialize)
                    session.withLock { $0 = opened.session }
                }
                let id = try #require(session.withLock { $0 })
                #expect(try await post(port, "/mcp", Self.call, ["Mcp-Session-Id": id]).status == 200)
            }
        }
    }

    @Test func aServerLivesInAHummingbirdApplication() async throws {
        let port = Port()
        let server = try server()
        try server.tool("slow", "Streams") { context in
            context.progress(1, total: 2)
            context.progress(2, total: 2)
            return "streamed"
        }
        let router = Router(context: BasicMCPRequestContext.self)
        router.get("hello") { _, _ in "Hello" }
        try server.mount(on: router, at: "api/mcp")
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.set($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await running(try server.services(with: application)) {
            let port = await port.value()
            let hello = try #require(URL(string: "http://127.0.0.1:\(port)/hello"))
            #expect(String(decoding: try await URLSession.shared.data(from: hello).0, as: UTF8.self) == "Hello")
            #expect(try await post(port, "/api/mcp", Self.call).body.contains(#""text":"local""#))
            let opened = try await post(port, "/api/mcp", Self.initialize)
            let session = try #require(opened.session)
            var slow = Self.call
            slow = [
                "jsonrpc": "2.0", "id": 2, "method": "tools/call",
                "params": ["name": "slow", "_meta": ["progressToken": 1]],
            ]
            let streamed = try await post(
                port, "/api/mcp", slow,
                ["Mcp-Session-Id": session, "Accept": "application/json, text/event-stream"])
            #expect(streamed.body.contains("notifications/progress") && streamed.body.contains("streamed"))
            #expect(try await post(port, "/api/mcp", Self.call, ["Host": "evil.example"]).status == 403)
        }
    }
}

/// Connects and goes away again; false when nobody listens any more.
private func knock(_ port: Int) -> Bool {
    #if canImport(Darwin)
        let stream = SOCK_STREAM
    #else
        let stream = Int32(SOCK_STREAM.rawValue)
    #endif
    let descriptor = socket(AF_INET, stream, 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
