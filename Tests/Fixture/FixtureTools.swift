import FoundationEssentials
import MCPEngine
import MCPProtocol
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Tools whose behaviour a test can command: how long, how much, how often, and what a client sees of it.
enum FixtureTools {
    static func make() throws -> LocalUpstream {
        let state = FixtureState()
        let upstream = LocalUpstream(name: "fixture", tools: answering(state) + waiting(state) + [dig(state)])
        upstream.register(grow(upstream, state))
        try FixtureFeatures.register(with: upstream)
        return upstream
    }

    // MARK: Tools that answer at once

    private static func answering(_ state: FixtureState) -> [SwiftTool] {
        [
            tool("echo", "Returns its text", ["text": ["type": "string"]]) { arguments, context in
                .text(arguments["text"]?.string ?? "")
            },
            tool("big", "Returns that many x", ["bytes": ["type": "integer"]]) { arguments, context in
                .text(String(repeating: "x", count: Int(arguments["bytes"]?.integer ?? 0)))
            },
            tool("count", "Counts the caller's calls") { arguments, context in
                let count = state.count(context.principal.id)
                return .text("\(count)", structured: ["count": JSON(count)])
            },
            tool("record", "Writes a line into a file", ["file": ["type": "string"], "line": ["type": "string"]]) {
                arguments, _ in
                guard let file = fopen(arguments["file"]?.string ?? "", "a") else { throw ToolError("No such place") }
                fputs("\(arguments["line"]?.string ?? "")\n", file)
                fclose(file)
                return .text("recorded")
            },
            tool("secret", "Names the caller") { arguments, context in .text(context.principal.id) },
            tool("fail", "Throws") { _, _ in throw ToolError("This tool always fails") },
            tool("log", "Sends a log message", ["level": ["type": "string"], "text": ["type": "string"]]) {
                arguments, context in
                let level = LogLevel(rawValue: arguments["level"]?.string ?? "") ?? .info
                context.log(level, arguments["text"] ?? "logged", logger: "fixture")
                return .text("logged")
            },
            tool("open", "Opens a gate", ["name": ["type": "string"]]) { arguments, context in
                state.open(arguments["name"]?.string ?? "")
                return .text("opened")
            },
            tool("release", "Lets every hanging call go") { _, _ in
                state.open(FixtureState.hanging)
                return .text("released")
            },
        ]
    }

    // MARK: Tools that take their time

    private static func waiting(_ state: FixtureState) -> [SwiftTool] {
        [
            tool("sleep", "Waits", ["ms": ["type": "integer"]]) { arguments, context in
                let milliseconds = arguments["ms"]?.integer ?? 0
                try await Task.sleep(for: .milliseconds(milliseconds))
                return .text("slept \(milliseconds)")
            },
            tool("stream", "Reports progress", ["n": ["type": "integer"], "everyMs": ["type": "integer"]]) {
                arguments, context in
                let steps = Int(arguments["n"]?.integer ?? 0)
                for step in 0..<steps {
                    if let pause = arguments["everyMs"]?.integer, pause > 0 {
                        try await Task.sleep(for: .milliseconds(pause))
                    }
                    context.progress(Double(step + 1), total: Double(steps), message: "step \(step + 1)")
                }
                return .text("streamed \(steps)")
            },
            tool("gate", "Waits until the gate is opened", ["name": ["type": "string"]]) { arguments, context in
                let name = arguments["name"]?.string ?? ""
                context.progress(1, total: 2, message: "waiting")
                try await state.pass(name)
                return .text("passed \(name)")
            },
            tool("hang", "Ignores cancellation until released") { _, _ in
                await state.hang()
                return .text("let go")
            },
        ]
    }

    private static func dig(_ state: FixtureState) -> SwiftTool {
        let schema: JSON = ["type": "object", "properties": ["name": ["type": "string"]]]
        let definition = Tool(
            name: "dig", description: "Goes on as a task until the gate is opened", inputSchema: schema)
        return SwiftTool(definition, tasks: .optional) { arguments, _ in
            let name = arguments["name"]?.string ?? ""
            try await state.pass(name)
            return .text("dug at \(name)")
        }
    }

    private static func grow(_ upstream: LocalUpstream, _ state: FixtureState) -> SwiftTool {
        tool("grow", "Adds a tool") { _, _ in
            let name = "grown_\(state.count("grow"))"
            upstream.register(tool(name, "Was not there before") { _, _ in .text(name) })
            return .text(name)
        }
    }

    private static func tool(
        _ name: String, _ description: String, _ properties: JSON = [:],
        body: @escaping @Sendable (JSON, CallContext) async throws -> ToolResult
    ) -> SwiftTool {
        let schema: JSON = ["type": "object", "properties": properties]
        return SwiftTool(Tool(name: name, description: description, inputSchema: schema), body: body)
    }
}
