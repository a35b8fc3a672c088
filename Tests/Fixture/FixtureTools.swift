import FoundationEssentials
import MCPEngine
import MCPProtocol
import Synchronization

/// Tools whose behaviour a test can command: how long, how much, how often, and what a client sees of it.
enum FixtureTools {
    static func make() -> LocalUpstream {
        let state = FixtureState()
        let upstream = LocalUpstream(name: "fixture", tools: answering(state) + waiting(state))
        upstream.register(grow(upstream, state))
        return upstream
    }

    // MARK: Tools that answer at once

    private static func answering(_ state: FixtureState) -> [SwiftTool] {
        [
            tool("echo", "Returns its text", ["text": ["type": "string"]]) { call in
                .text(call.arguments["text"]?.string ?? "")
            },
            tool("big", "Returns that many x", ["bytes": ["type": "integer"]]) { call in
                .text(String(repeating: "x", count: Int(call.arguments["bytes"]?.integer ?? 0)))
            },
            tool("count", "Counts the caller's calls") { call in
                let count = state.count(call.principal.id)
                return .text("\(count)", structured: ["count": JSON(count)])
            },
            tool("secret", "Names the caller") { call in .text(call.principal.id) },
            tool("fail", "Throws") { _ in throw ToolError("This tool always fails") },
            tool("log", "Sends a log message", ["level": ["type": "string"], "text": ["type": "string"]]) { call in
                let level = LogLevel(rawValue: call.arguments["level"]?.string ?? "") ?? .info
                call.log(level, call.arguments["text"] ?? "logged", logger: "fixture")
                return .text("logged")
            },
            tool("open", "Opens a gate", ["name": ["type": "string"]]) { call in
                state.open(call.arguments["name"]?.string ?? "")
                return .text("opened")
            },
            tool("release", "Lets every hanging call go") { _ in
                state.open(FixtureState.hanging)
                return .text("released")
            },
        ]
    }

    // MARK: Tools that take their time

    private static func waiting(_ state: FixtureState) -> [SwiftTool] {
        [
            tool("sleep", "Waits", ["ms": ["type": "integer"]]) { call in
                let milliseconds = call.arguments["ms"]?.integer ?? 0
                try await Task.sleep(for: .milliseconds(milliseconds))
                return .text("slept \(milliseconds)")
            },
            tool("stream", "Reports progress", ["n": ["type": "integer"], "everyMs": ["type": "integer"]]) { call in
                let steps = Int(call.arguments["n"]?.integer ?? 0)
                for step in 0..<steps {
                    if let pause = call.arguments["everyMs"]?.integer, pause > 0 {
                        try await Task.sleep(for: .milliseconds(pause))
                    }
                    call.progress(Double(step + 1), total: Double(steps), message: "step \(step + 1)")
                }
                return .text("streamed \(steps)")
            },
            tool("gate", "Waits until the gate is opened", ["name": ["type": "string"]]) { call in
                let name = call.arguments["name"]?.string ?? ""
                call.progress(1, total: 2, message: "waiting")
                try await state.pass(name)
                return .text("passed \(name)")
            },
            tool("hang", "Ignores cancellation until released") { _ in
                await state.hang()
                return .text("let go")
            },
        ]
    }

    private static func grow(_ upstream: LocalUpstream, _ state: FixtureState) -> SwiftTool {
        tool("grow", "Adds a tool") { _ in
            let name = "grown_\(state.count("grow"))"
            upstream.register(tool(name, "Was not there before") { _ in .text(name) })
            return .text(name)
        }
    }

    private static func tool(
        _ name: String, _ description: String, _ properties: JSON = [:],
        body: @escaping @Sendable (ToolCall) async throws -> ToolResult
    ) -> SwiftTool {
        let schema: JSON = ["type": "object", "properties": properties]
        return SwiftTool(Tool(name: name, description: description, inputSchema: schema), body: body)
    }
}
