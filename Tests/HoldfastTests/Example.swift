import Foundation
import Holdfast
import Synchronization

/// An example that was built, while it runs.
final class Example: Sendable {
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private let state: Mutex<State>

    private struct State {
        let process: Process
        var nextID = 1
        var unread = Data()
        var heard: [String] = []
    }

    struct Ended: Error {}

    init(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = Self.products.appending(path: name)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        state = Mutex(State(process: process))
    }

    /// Where the build put the products: beside the tests.
    private static var products: URL {
        #if os(macOS)
            let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") } ?? .main
            return bundle.bundleURL.deletingLastPathComponent()
        #else
            return URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        #endif
    }

    func end() { state.withLock { if $0.process.isRunning { $0.process.terminate() } } }

    /// Ends its input; its status, once it has ended.
    func finish() async throws -> Int32 {
        try input.fileHandleForWriting.close()
        return try await onItsOwnThread { [self] in
            state.withLock { state in
                state.process.waitUntilExit()
                return state.process.terminationStatus
            }
        }
    }

    /// Where it says that it listens.
    func url() async throws -> URL {
        try await onItsOwnThread { [errors] in
            var text = ""
            while true {
                let more = errors.fileHandleForReading.availableData
                if more.isEmpty { throw Ended() }
                text += String(decoding: more, as: UTF8.self)
                guard text.contains("\n"), let match = text.firstMatch(of: /http:\S+\/mcp/),
                    let url = URL(string: String(match.output))
                else { continue }
                return url
            }
        }
    }

    // MARK: Messages

    /// The methods of the notifications that came so far.
    var heard: [String] { state.withLock { $0.heard } }

    func send(_ method: String, _ params: JSON) throws {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let message: JSON = ["jsonrpc": "2.0", "id": JSON(id), "method": JSON(method), "params": params]
        try input.fileHandleForWriting.write(contentsOf: Data(message.bytes) + Data("\n".utf8))
    }

    /// The result of the next answer.
    func answer() async throws -> JSON {
        try await onItsOwnThread { [self] in
            while true {
                let message = try line()
                if let result = message["result"] { return result }
                if let method = message["method"]?.string { state.withLock { $0.heard.append(method) } }
            }
        }
    }

    private func line() throws -> JSON {
        while true {
            let line = state.withLock { state -> Data? in
                guard let end = state.unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                defer { state.unread = Data(state.unread[(end + 1)...]) }
                return Data(state.unread[..<end])
            }
            if let line { return try JSON(parsing: Array(line)) }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw Ended() }
            state.withLock { $0.unread += more }
        }
    }

    /// Waiting for a process must not cost the other tests a thread.
    private func onItsOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Swift.Result(catching: body)) }.start()
        }
    }
}
