import Holdfast

private let prefix = "test_input_required_result_"

/// Questions by their keys, as clients of 2026-07-28 see them. Clients before it are asked the same on the call's stream.
func addInputTools(to server: MCPServer) throws {
    try server.tool(prefix + "elicitation", "Asks for a name") { context in
        let answer = try await context.elicit("What is your name?", text("name"), key: "user_name")
        return "Hello, \(answer["name"] ?? "stranger")!"
    }

    try server.tool(prefix + "sampling", "Asks the client's model") { context in
        let request = SamplingRequest(messages: [.user("What is the capital of France?")], maxTokens: 100)
        return "The model says: \(try await context.sample(request, key: "capital_question").text)"
    }

    try server.tool(prefix + "list_roots", "Asks where it may work") { context in
        let roots = try await context.roots(key: "client_roots")
        return "Roots: \(roots.map(\.uri).joined(separator: ", "))"
    }

    for name in ["request_state", "tampered_state"] {
        try server.tool(prefix + name, "Asks for a yes, with a state that the client carries") { context in
            let form = ElicitationSchema([.boolean("ok", required: true)])
            let answer = try await context.elicit("Is it all right?", form, key: "confirm")
            return answer.action == .accept ? "state-ok" : "state-ok, but the user said no"
        }
    }

    try server.tool(prefix + "multiple_inputs", "Asks three things at once") { context in
        let answers = try await context.ask([
            "user_name": .form(message: "What is your name?", schema: text("name")),
            "greeting": .sampling(SamplingRequest(messages: [.user("Write a greeting")], maxTokens: 50)),
            "client_roots": .roots,
        ])
        var words: [String] = []
        if case .elicitation(let answer) = answers["user_name"] { words.append(answer["name"] ?? "stranger") }
        if case .sampling(let answer) = answers["greeting"] { words.append(answer.text) }
        if case .roots(let roots) = answers["client_roots"] { words.append("\(roots.count) roots") }
        return words.joined(separator: "; ")
    }

    try server.tool(prefix + "multi_round", "Asks one thing after the other") { context in
        let name = try await context.elicit("What is your name?", text("name"), key: "step1")["name"] ?? "Stranger"
        let color = try await context.elicit("Which color do you like?", text("color"), key: "step2")["color"]
        return "\(name) likes \(color ?? "no color")."
    }

    try server.tool(prefix + "capabilities", "Asks only what the client can answer") { context in
        guard context.client.has(.sampling) else {
            return "Hello, \(try await context.elicit("What is your name?", text("name"))["name"] ?? "stranger")!"
        }
        let request = SamplingRequest(messages: [.user("Write a greeting")], maxTokens: 50)
        return try await context.sample(request).text
    }

    server.prompt(prefix + "prompt", "Asks for a context before it is filled in") { _, context in
        let answer = try await context.elicit("What is it about?", text("context"), key: "user_context")
        return "Let us talk about \(answer["context"] ?? "something")."
    }
}

private func text(_ name: String) -> ElicitationSchema { ElicitationSchema([.string(name, required: true)]) }

extension ElicitationAnswer {
    /// What was filled in for a text; nil when there is none.
    fileprivate subscript(name: String) -> String? { content?[name]?.string }
}
