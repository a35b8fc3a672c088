import MCPEngine
import MCPProtocol

/// The tools of the simulated process: each says whose call of which number it carried out.
enum Tools {
    static func make(_ run: Run) -> LocalUpstream {
        LocalUpstream(
            name: "local",
            tools: [
                tool(.echo, run) { _, _ in },
                tool(.sleep, run) { _, _ in
                    let longest = run.plan.isSlow ? 1_200 : 150
                    try await run.pause(run.dice.milliseconds(longest))
                },
                tool(.stream, run) { context, nonce in
                    for step in 1...(2 + run.dice.below(4)) {
                        context.progress(Double(step), total: nil, message: nil)
                        run.witness.progressed(nonce)
                        try await run.pause(run.dice.milliseconds(40))
                    }
                },
                tool(.log, run) { context, _ in
                    context.log(.info, "logged")
                    if run.dice.percent(30) { context.closeStream(for: .milliseconds(50)) }
                    try await run.pause(run.dice.milliseconds(120))
                },
                tool(.fail, run) { _, _ in throw ToolError("always fails") },
                tool(.ask, run) { context, _ in
                    guard context.client.has(.roots) else { throw ToolError("cannot be asked") }
                    let roots = try await context.roots()
                    guard roots.first?.uri == "file:///\(context.principal.id)" else { throw ToolError("mixed up") }
                },
                tool(.task, run, tasks: .optional) { _, _ in
                    try await run.pause(run.dice.milliseconds(200))
                },
            ])
    }

    /// One more, for a process that runs.
    static func late(_ run: Run) -> SwiftTool { tool(.late, run) { _, _ in } }

    private static func tool(
        _ kind: Ticket.Kind, _ run: Run, tasks: SwiftTool.TaskSupport = .none,
        _ body: @escaping @Sendable (CallContext, _ nonce: Int) async throws -> Void
    ) -> SwiftTool {
        let schema: JSON = ["type": "object", "properties": ["nonce": ["type": "integer"]]]
        return SwiftTool(Tool(name: kind.rawValue, inputSchema: schema), tasks: tasks) { arguments, context in
            let nonce = Int(arguments["nonce"]?.integer ?? 0)
            run.witness.executed(nonce)
            run.witness.tell("\(kind) \(nonce) is carried out")
            defer { run.witness.tell("\(kind) \(nonce) is over") }
            // Some tools do not heed a cancellation.
            if run.dice.percent(20) {
                do { try await body(context, nonce) } catch is CancellationError {}
            } else {
                try await body(context, nonce)
            }
            return .text(Ticket.text(kind, nonce, context.principal))
        }
    }
}
