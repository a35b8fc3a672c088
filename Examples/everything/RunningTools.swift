import Holdfast
import Synchronization

/// What tools can do while they run: report, log, change the server, let go of their stream.
func addRunningTools(to server: MCPServer) throws {
    try server.tool("test_tool_with_progress", "Reports its progress") { context in
        for step in [0.0, 50, 100] {
            context.progress(step, total: 100)
            try await Task.sleep(for: .milliseconds(50))
        }
        return "Done, with three reports on the way."
    }

    try server.tool("test_tool_with_logging", "Logs while it works") { context in
        for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
            context.log(.info, JSON(message))
            try await Task.sleep(for: .milliseconds(50))
        }
        return "Done, with three messages on the way."
    }

    try server.tool("test_logging_tool", "Logs once, for who wants to hear it") { context in
        context.log(.info, "A message from test_logging_tool")
        return "Logged."
    }

    try server.tool("test_missing_capability", "Needs a client whose model can be used") { context in
        try context.require(.sampling)
        return "The client has the capability."
    }

    try server.tool("test_reconnection", "Lets its client go, and answers when that comes back") { context in
        context.closeStream(for: .milliseconds(200))
        try await Task.sleep(for: .milliseconds(500))
        return "Welcome back."
    }

    let changes = Count()

    @Sendable func changeTool(_ count: Int) throws {
        try server.tool("test_changing_tool", "Has changed \(count) times", replacing: true) { _ in "\(count) times" }
    }

    try changeTool(0)
    try server.tool("test_trigger_tool_change", "Changes the list of tools") { _ in
        try changeTool(changes.next())
        return "The list of tools has changed."
    }

    @Sendable func changePrompt(_ count: Int) {
        server.prompt("test_changing_prompt", "Has changed \(count) times") { _, _ in "\(count) times" }
    }

    changePrompt(0)
    try server.tool("test_trigger_prompt_change", "Changes the list of prompts") { _ in
        changePrompt(changes.next())
        return "The list of prompts has changed."
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
