import Holdfast

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

    try server.tool("test_trigger_tool_change", "Changes the list of tools") { _ in
        try server.tool("test_passing_tool", "Is there for a moment") { _ in "You were quick." }
        server.removeTool("test_passing_tool")
        return "The list of tools has changed, and changed back."
    }

    try server.tool("test_trigger_prompt_change", "Changes the list of prompts") { _ in
        server.prompt("test_passing_prompt", "Is there for a moment") { _, _ in "You were quick." }
        server.removePrompt("test_passing_prompt")
        return "The list of prompts has changed, and changed back."
    }
}
