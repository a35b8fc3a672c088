import Holdfast

struct Computation: Decodable {
    var seconds: Double
    var label: String
}

/// Calls that go on as tasks, for clients that know them (`io.modelcontextprotocol/tasks`).
func addTaskTools(to server: MCPServer) throws {
    try server.tool("greet", "Greets at once", input: ["name": .string("Who it is")]) { (arguments: JSON, _) in
        "Hello, \(arguments["name"]?.string ?? "")!"
    }

    try server.tool(
        "slow_compute", "Takes its time",
        input: ["seconds": .number("How long", minimum: 0, maximum: 3600), "label": .string("What to call it")],
        tasks: .optional
    ) { (wanted: Computation, _) in
        try await Task.sleep(for: .seconds(wanted.seconds))
        return "\(wanted.label) took \(wanted.seconds) s."
    }

    try server.tool("failing_job", "Fails after a second", tasks: .required) { _ -> String in
        try await Task.sleep(for: .seconds(1))
        throw ToolError("The job failed, as it always does")
    }

    try server.tool("protocol_error_job", "Ends with an error of the protocol", tasks: .optional) { _ -> String in
        throw RPCError(code: -32603, message: "The job broke, as it always does")
    }

    try server.tool(
        "confirm_delete", "Asks before it deletes", input: ["filename": .string("What to delete")], tasks: .optional
    ) { (arguments: JSON, context) in
        let name = arguments["filename"]?.string ?? ""
        let form = ElicitationSchema([.boolean("confirm", required: true)])
        let answer = try await context.elicit("Delete \(name)?", form, key: "confirm")
        return answer.content?["confirm"]?.bool == true ? "Deleted \(name)." : "Kept \(name)."
    }

    try server.tool("multi_input", "Asks two things at once", tasks: .optional) { context in
        let answers = try await context.ask([
            "name": .form(message: "What is your name?", schema: ElicitationSchema([.string("name", required: true)])),
            "color": .form(message: "Which color?", schema: ElicitationSchema([.string("color", required: true)])),
        ])
        return "Got \(answers.count) answers."
    }

    // The question is asked before there is a task; the answer is what the task works with.
    let form = ElicitationSchema([.string("name", required: true)])
    let asking = Tool(name: "test_tool_with_task", description: "Asks first and works then")
    try server.add(
        SwiftTool(asking, tasks: .required) { _, context in
            ["name": try await context.elicit("What is your name?", form, key: "name").content?["name"] ?? "nobody"]
        } body: { arguments, _ in
            .text("Worked for \(arguments["name"]?.string ?? "nobody").")
        })
}
