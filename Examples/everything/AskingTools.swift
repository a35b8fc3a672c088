import Holdfast

/// Questions to the client and the person behind it, one for each shape that a question can have.
func addAskingTools(to server: MCPServer) throws {
    try server.tool(
        "test_sampling", "Has the client's model write something",
        input: ["prompt": .string("What to say to the model")]
    ) { (arguments: JSON, context) in
        let prompt = arguments["prompt"]?.string ?? ""
        let answer = try await context.sample(SamplingRequest(messages: [.user(prompt)], maxTokens: 100))
        return "LLM response: \(answer.text)"
    }

    try server.tool(
        "test_elicitation", "Asks the user for two texts", input: ["message": .string("What to say to the user")]
    ) { (arguments: JSON, context) in
        let form = ElicitationSchema([
            .string("username", description: "The user's name", required: true),
            .string("email", description: "The user's address", format: .email, required: true),
        ])
        return words(for: try await context.elicit(arguments["message"]?.string ?? "", form))
    }

    try server.tool("test_elicitation_sep1034_defaults", "Asks the user with values filled in") { context in
        let form = ElicitationSchema([
            .string("name", default: "John Doe"),
            .integer("age", default: 30),
            .number("score", default: 95.5),
            .choice("status", ["active", "inactive", "pending"], default: "active"),
            .boolean("verified", default: true),
        ])
        return words(for: try await context.elicit("Please look over these values", form))
    }

    try server.tool("test_elicitation_sep1330_enums", "Asks the user to choose in every way there is") { context in
        let values = ["option1", "option2", "option3"]
        let titled = (1...3).map { ElicitationField.Option("value\($0)", title: "Choice \($0)") }
        let legacy = (1...3).map { ElicitationField.Option("opt\($0)", title: "Choice \($0)") }
        let form = ElicitationSchema([
            .choice("untitledSingle", values),
            .choice("titledSingle", titled),
            .choice("legacyEnum", legacy, legacyTitles: true),
            .choices("untitledMulti", values),
            .choices("titledMulti", titled),
        ])
        return words(for: try await context.elicit("Please choose", form))
    }

    try server.tool("test_streaming_elicitation", "Asks the user for a word") { context in
        words(for: try await context.elicit("Which word?", ElicitationSchema([.string("word", required: true)])))
    }
}

private func words(for answer: ElicitationAnswer) -> String {
    "User response: action=\(answer.action.rawValue), content=\(answer.content ?? [:])"
}
