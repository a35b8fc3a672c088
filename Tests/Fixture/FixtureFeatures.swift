import MCPEngine
import MCPProtocol

/// What is not a plain tool: questions, parameters repeated in headers, resources that change, a prompt.
enum FixtureFeatures {
    static func register(with upstream: LocalUpstream) throws {
        upstream.register(ask)
        upstream.register(visit)
        upstream.register(mirror)
        upstream.register(touch(upstream))
        upstream.register(put(upstream))
        upstream.register(
            SwiftResource.text(Resource(uri: "fixture://note", name: "note", mimeType: "text/plain")) { "A note" })
        upstream.register(
            SwiftResource(Resource(uri: "fixture://asks", name: "asks")) { context in
                let answer = try await context.elicit(
                    "What is in it?", ElicitationSchema([.string("text")]), key: "text")
                let text = answer.content?["text"]?.string ?? answer.action.rawValue
                return ResourceResult([ResourceContents(uri: "fixture://asks", text: text)])
            })
        upstream.register(
            try SwiftResourceTemplate(
                ResourceTemplate(uriTemplate: "fixture://item/{id}", name: "item"),
                completion: .values(["id": ["one", "two", "twenty"]])
            ) { uri, variables, _ in
                guard let id = variables["id"], id != "none" else { throw ResourceNotFound(uri) }
                return ResourceResult([ResourceContents(uri: uri, mimeType: "text/plain", text: id)])
            })
        upstream.register(
            SwiftPrompt(
                Prompt(
                    name: "greeting", description: "Greets", arguments: [PromptArgument(name: "who", required: true)]),
                completion: .values(["who": ["Alice", "Albert", "Bob"]])
            ) { arguments, _ in
                PromptResult([.user("Hello, \(arguments["who"] ?? "")!")])
            })
    }

    /// Asks for each of `questions`, one after the other; says who asked and what the answers were.
    private static var ask: SwiftTool {
        tool("ask", "Asks", ["questions": ["type": "array", "items": ["type": "string"]], "note": ["type": "string"]]) {
            arguments, context in
            var answers: [String] = []
            for question in arguments["questions"]?.elements?.compactMap(\.string) ?? [] {
                let answer = try await context.elicit(
                    question, ElicitationSchema([.string("text", required: false)]), key: question)
                answers.append(answer.content?["text"]?.string ?? answer.action.rawValue)
            }
            return .text(([context.principal.id] + answers).joined(separator: ", "))
        }
    }

    /// Sends the person to a page; says what became of that.
    private static var visit: SwiftTool {
        tool("visit", "Sends to a page", [:]) { _, context in
            let answer = try await context.elicit(
                "Please sign in", url: "https://example.com/sign-in?x=1", id: "visit-1")
            return .text(answer.action.rawValue)
        }
    }

    /// Returns its arguments; most of them are repeated in headers.
    private static var mirror: SwiftTool {
        tool(
            "mirror", "Returns its arguments",
            [
                "text": ["type": "string", "x-mcp-header": "Text"],
                "count": ["type": "integer", "x-mcp-header": "Count"],
                "flag": ["type": "boolean", "x-mcp-header": "Flag"],
                "place": [
                    "type": "object", "properties": ["region": ["type": "string", "x-mcp-header": "Place-Region"]],
                ],
                "plain": ["type": "string"],
            ]
        ) { arguments, _ in .text(String(decoding: arguments.bytes, as: UTF8.self)) }
    }

    /// Says that a resource holds something else now.
    private static func touch(_ upstream: LocalUpstream) -> SwiftTool {
        tool("touch", "Changes a resource", ["uri": ["type": "string"]]) { arguments, _ in
            upstream.resourceUpdated(arguments["uri"]?.string ?? "")
            return .text("touched")
        }
    }

    /// Adds or removes a resource or a prompt.
    private static func put(_ upstream: LocalUpstream) -> SwiftTool {
        let kinds: JSON = ["type": "string", "enum": ["resource", "prompt"]]
        return tool("put", "Adds or removes", ["kind": kinds, "remove": ["type": "boolean"]]) { arguments, _ in
            switch (arguments["kind"]?.string, arguments["remove"]?.bool ?? false) {
            case ("prompt", false):
                upstream.register(SwiftPrompt(Prompt(name: "put")) { _, _ in PromptResult([.user("put")]) })
            case ("prompt", true): upstream.removePrompt("put")
            case (_, false): upstream.register(.text(Resource(uri: "fixture://put", name: "put")) { "put" })
            case (_, true): upstream.removeResource("fixture://put")
            }
            return .text("done")
        }
    }

    private static func tool(
        _ name: String, _ description: String, _ properties: JSON,
        body: @escaping @Sendable (JSON, CallContext) async throws -> ToolResult
    ) -> SwiftTool {
        let schema: JSON = ["type": "object", "properties": properties]
        return SwiftTool(Tool(name: name, description: description, inputSchema: schema), body: body)
    }
}
