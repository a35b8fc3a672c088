import Foundation
import Logging
import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPUpstreams

/// A child of the test kit, and what is heard of it.
final class ChildTalk: Sendable {
    typealias Configuration = StdioTransport.Configuration

    /// In the order in which it came.
    enum Heard: Sendable {
        case message(Message)
        case answer(RequestID)
        case failure(RequestID)
        case closed(LinkFailure)
    }

    private struct State {
        var heard: [Heard] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
        var nextID: Int64 = 0
    }

    private let state = Mutex(State())
    private let opened = Mutex<(any UpstreamLink)?>(nil)
    let log = LogRecorder()

    struct Setup {
        var configure: (inout Configuration) -> Void

        func with(_ body: @escaping @Sendable (ChildTalk) async throws -> Void) async throws {
            try await ChildTalk.with(configure: configure, body)
        }
    }

    static func configured(_ configure: @escaping (inout Configuration) -> Void) -> Setup {
        Setup(configure: configure)
    }

    /// Talks to one child, and ends it.
    static func with(
        _ flags: String..., configure: (inout Configuration) -> Void = { _ in },
        _ body: @escaping @Sendable (ChildTalk) async throws -> Void
    ) async throws {
        var configuration = Configuration(name: "echo", command: program, arguments: flags)
        configure(&configuration)
        try await onHost { [configuration] host in
            let talk = ChildTalk()
            try await talk.open(configuration, on: host)
            do { try await body(talk) } catch { Issue.record(error) }
            await talk.link.close()
            // It holds who hears it.
            talk.opened.withLock { $0 = nil }
        }
    }

    static func onHost(_ body: @escaping @Sendable (SessionHost) async throws -> Void) async throws {
        let host = SessionHost()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            defer { host.stop() }
            try await body(host)
        }
    }

    func open(_ configuration: Configuration, on host: SessionHost) async throws {
        let receiver = LinkReceiver(
            message: { [self] in hear(.message($0)) }, closed: { [self] in hear(.closed($0)) })
        let link = try await StdioTransport(configuration).open(on: host, receiver, logger: log.logger)
        opened.withLock { $0 = link }
    }

    var link: any UpstreamLink {
        guard let link = opened.withLock({ $0 }) else { preconditionFailure("The child has not been started") }
        return link
    }

    var child: StdioLink? { opened.withLock { $0 as? StdioLink } }

    // MARK: Asking

    private func nextID() -> RequestID {
        state.withLock { state in
            state.nextID += 1
            return .number(state.nextID)
        }
    }

    func request(_ method: String, _ params: JSON? = nil) -> LinkRequest {
        let id = nextID()
        return LinkRequest(
            id: id, method: method, message: Wire.request(method, params: params, id: id), version: .v2025_11_25)
    }

    func send(_ request: LinkRequest) async -> Result<Response, LinkFailure> {
        await withCheckedContinuation { continuation in
            link.send(request) { [self] event in
                switch event {
                case .answer(let response):
                    hear(.answer(request.id))
                    continuation.resume(returning: .success(response))
                case .failed(let failure):
                    hear(.failure(request.id))
                    continuation.resume(returning: .failure(failure))
                case .message: Issue.record("A child's output has no streams")
                }
            }
        }
    }

    func call(_ tool: String, _ arguments: JSON = [:]) async -> Result<Response, LinkFailure> {
        await send(request("tools/call", ["name": JSON(tool), "arguments": arguments]))
    }

    /// The text that the tool returned.
    func text(_ tool: String, _ arguments: JSON = [:]) async throws -> String {
        let response = try await call(tool, arguments).get()
        return try #require(response.result?["content"]?.elements?.first?["text"]?.string)
    }

    func expect(
        _ wanted: String, _ tool: String, _ arguments: JSON = [:], at location: SourceLocation = #_sourceLocation
    ) async throws {
        let text = try await text(tool, arguments)
        #expect(text == wanted, sourceLocation: location)
    }

    func failure(_ tool: String, _ arguments: JSON = [:]) async -> LinkFailure? {
        if case .failure(let failure) = await call(tool, arguments) { failure } else { nil }
    }

    func process() async throws -> pid_t { try #require(pid_t(try await text("process"))) }

    /// Returns when so many requests wait for an answer.
    func untilItOwes(_ count: Int) async {
        while child?.owed != count { await Task.yield() }
    }

    // MARK: Hearing

    private func hear(_ heard: Heard) {
        let watchers = state.withLock { state in
            state.heard.append(heard)
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume() }
    }

    var heard: [Heard] { state.withLock { $0.heard } }

    var closed: [LinkFailure] {
        heard.compactMap { if case .closed(let failure) = $0 { failure } else { nil } }
    }

    var messages: [Message] {
        heard.compactMap { if case .message(let message) = $0 { message } else { nil } }
    }

    /// Returns when what was heard is as wanted.
    func until(_ isEnough: ([Heard]) -> Bool) async {
        while !isEnough(heard) {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isReady = state.withLock { state in
                    if isEnough(state.heard) { return true }
                    state.watchers.append(continuation)
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }

    func untilClosed() async -> LinkFailure? {
        await until { $0.contains { if case .closed = $0 { true } else { false } } }
        return closed.first
    }

    // MARK: Places

    static var program: String { products.appending(path: "echochild").path }

    /// Where the build put the products: beside the tests.
    private static var products: URL {
        #if os(macOS)
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
            return bundle.bundleURL.deletingLastPathComponent()
        #else
            return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        #endif
    }
}

/// Whether that process is there and is no zombie.
func isAlive(_ process: pid_t) -> Bool {
    #if os(Linux)
        guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
        return stat.split(separator: ")").last?.split(separator: " ").first != "Z"
    #else
        return kill(process, 0) == 0
    #endif
}
