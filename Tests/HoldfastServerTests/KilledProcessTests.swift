import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What a client finds after the process that worked for it has died without a word.
struct KilledProcessTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A running server with the fixture's tools, and how to talk to it.
    private struct Server {
        var process: Process
        var url: URL

        func request(_ method: String, _ params: [String: Any]) async throws -> [String: Any] {
            var params = params
            params["_meta"] = [
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": [
                    "extensions": ["io.modelcontextprotocol/tasks": [String: Any]()]
                ],
            ]
            var request = URLRequest(url: url)
            request.httpMethod = "POST"
            request.httpBody = try JSONSerialization.data(withJSONObject: [
                "jsonrpc": "2.0", "id": 1, "method": method, "params": params,
            ])
            for (name, value) in [
                ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
                ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method),
                ("Mcp-Name", (params["name"] ?? params["taskId"]) as? String ?? ""),
            ] { request.setValue(value, forHTTPHeaderField: name) }
            let (data, _) = try await URLSession.shared.data(for: request)
            let answer = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            return try #require(answer["result"] as? [String: Any], "\(answer)")
        }
    }

    private func start() async throws -> Server {
        let (process, output, _) = try Program.start(
            "fixture", ["--port", "0", "--data-dir", directory.path], [:])
        let banner = try await Program.onItsOwnThread {
            var banner = ""
            while !banner.contains("Add it"), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
                banner += String(decoding: more, as: UTF8.self)
            }
            return banner
        }
        let address = try #require(banner.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+\/mcp/)?.0)
        return Server(process: process, url: try #require(URL(string: String(address))))
    }

    @Test func aTaskHasFailedAndSaysWhy() async throws {
        let first = try await start()
        defer { first.process.terminate() }
        let created = try await first.request(
            "tools/call", ["name": "dig", "arguments": ["name": "a gate that nobody opens"]])
        #expect(created["resultType"] as? String == "task")
        let id = try #require(created["taskId"] as? String)
        #expect(try await first.request("tasks/get", ["taskId": id])["status"] as? String == "working")

        // A second process on the same data leaves a living one's task alone.
        let neighbour = try await start()
        #expect(try await neighbour.request("tasks/get", ["taskId": id])["status"] as? String == "working")
        neighbour.process.terminate()

        kill(first.process.processIdentifier, SIGKILL)
        try await Program.onItsOwnThread { first.process.waitUntilExit() }
        let second = try await start()
        defer { second.process.terminate() }
        let state = try await second.request("tasks/get", ["taskId": id])
        #expect(state["status"] as? String == "failed")
        let error = try #require(state["error"] as? [String: Any])
        #expect(error["code"] as? Int == -32603)
        #expect(error["message"] as? String == "The server restarted before this task finished")
        _ = try await second.request("tasks/cancel", ["taskId": id])
        #expect(try await second.request("tasks/get", ["taskId": id])["status"] as? String == "failed")
    }
}
