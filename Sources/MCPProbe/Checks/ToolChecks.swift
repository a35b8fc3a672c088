import MCPProtocol

/// The list of tools: whether it comes, whole, and in a form that clients show.
enum ToolChecks {
    static let all =
        [
            Check(
                "tools.unanswered", "tools/list gets no answer", in: .tools,
                did: "Sent tools/list.", why: "Without the list there are no tools.",
                remedy:
                    "Answer with one JSON-RPC response, as application/json or as an event stream that is ended after it.",
                clause: "2025-11-25, server/tools: listing tools", breaks: ProbedClient.everyone,
                causes: ["time.list", "session.single", "session.id-characters"]
            ) { evidence, _ in
                guard let first = evidence.tools?.first else { return .notExamined }
                return first.absence != nil || first.isAccepted ? .found(first.words) : .fine
            },
            Check(
                "tools.refused", "tools/list is refused", in: .tools,
                did: "Sent tools/list.", why: "Without the list there are no tools.",
                remedy: "Answer the list whatever state the application is in; let a call fail instead.",
                clause: "2025-11-25, server/tools: listing tools", breaks: ProbedClient.everyone,
                causes: ["initialize.no-tools", "session.single", "session.id-characters"]
            ) { evidence, _ in
                guard let first = evidence.tools?.first else { return .notExamined }
                switch first.outcome {
                case .error, .refused: return .found(first.words)
                case .result(let json):
                    return json["tools"]?.elements == nil ? .found("the result has no tools array") : .fine
                case .accepted, .nothing: return .fine
                }
            },
            Check(
                "tools.none", "The list of tools is empty", in: .tools,
                did: "Read the answer to tools/list.", why: "The server is connected and offers nothing.",
                remedy: "Check that tools are registered before the server listens, and that this token may see them.",
                breaks: ProbedClient.everyone, causes: ["tools.refused", "tools.unanswered"]
            ) { evidence, _ in
                guard let tools = evidence.tools, tools.first?.result?["tools"]?.elements != nil else {
                    return .notExamined
                }
                return tools.definitions.isEmpty ? .found("0 tools") : .fine
            },
            Check(
                "tools.pages", "The list of tools has more than one page", in: .tools,
                did: "Followed nextCursor to its end.",
                why: "Claude reads the first page only (anthropics/claude-ai-mcp#87, claude-code#24785, #39586).",
                remedy: "Send all tools on one page.", breaks: [.claude, .claudeCode],
                causes: ["tools.refused", "tools.endless"]
            ) { evidence, _ in
                guard let tools = evidence.tools, tools.first?.result != nil else { return .notExamined }
                guard tools.pages.count > 1 else { return .fine }
                return .found(
                    "\(tools.pages.count) pages; \(tools.onFirstPage) of \(tools.definitions.count) tools are on the first"
                )
            },
            Check(
                "tools.endless", "The pages of the list have no end", in: .tools,
                did: "Followed nextCursor, 20 pages at most.",
                why: "Clients that follow it never come to an end.",
                remedy: "Leave out nextCursor on the last page.", clause: "2025-11-25, server/utilities/pagination",
                breaks: ProbedClient.everyone
            ) { evidence, _ in
                guard let tools = evidence.tools, tools.first?.result != nil else { return .notExamined }
                return tools.hasEndlessPages ? .found("a cursor came again, or there were over 20 pages") : .fine
            },
            Check(
                "tools.count", "There are more tools than clients take", in: .tools,
                did: "Counted the tools.", why: "Clients leave out those beyond their limit, in the order of the list.",
                remedy: "Offer fewer tools, the important ones first; split the server."
            ) { evidence, demands in
                guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
                return beyond(
                    demands.limits(.tools), Double(tools.definitions.count), "\(tools.definitions.count) tools")
            },
            Check(
                "tools.tokens", "The definitions of the tools are large", in: .tools,
                did: "Added up the bytes of all definitions, four to a token (an estimate).",
                why: "They are in the model's context in every conversation; clients warn, or leave tools out.",
                remedy: "Shorten descriptions and schemas, offer fewer tools."
            ) { evidence, demands in
                guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
                let words = "\(tools.bytes) bytes, about \(tools.estimatedTokens) tokens"
                return beyond(demands.limits(.definitionTokens), Double(tools.estimatedTokens), words)
            },
            Check(
                "tools.duplicate", "Two tools have one name", in: .tools,
                did: "Compared the names of all tools.",
                why: "Model APIs refuse the whole request; other clients show one of the two.",
                remedy: "Give each tool a name of its own.", clause: "2025-11-25, server/tools: tool names",
                breaks: ProbedClient.real, causes: ["tools.endless"]
            ) { evidence, _ in
                guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
                let names = Dictionary(grouping: tools.definitions.compactMap { $0["name"]?.string }, by: \.self)
                return .found(names.filter { $0.value.count > 1 }.keys.map { Excerpt.of($0, limit: 80) }.sorted())
            },
            Check(
                "tools.stable", "The list of tools is not the same twice", in: .tools,
                did: "Read the list again on another conversation, and compared the bytes.",
                why:
                    "A list that changes its order costs the model's cache with every request, and of a list that is too long "
                    + "other tools are left out each time.",
                remedy: "Send the tools in a fixed order, with the same bytes.", causes: ["tools.pages"]
            ) { evidence, _ in
                guard let tools = evidence.tools, let first = tools.first?.result?["tools"],
                    let again = tools.again?.result?["tools"]
                else { return .notExamined }
                guard first != again else { return .fine }
                let names = [first, again].map { Set(($0.elements ?? []).compactMap { $0["name"]?.string }) }
                return .found(names[0] == names[1] ? "the same names in another order or form" : "other names")
            },
            rule(
                "tools.name", "Names of tools that clients cannot use", .name,
                why: "Model APIs take 1 to 64 of A-Z a-z 0-9 _ and -; one other name makes the whole request fail.",
                remedy: "Rename these tools.", breaks: ProbedClient.real),
            rule(
                "tools.description", "Tools without a description", .description,
                why: "A model cannot know what they are for, and does not call them.", remedy: "Describe each tool.",
                breaks: []),
            rule(
                "tools.shape", "Tools that are not what a tool is", .shape,
                why: "Clients check each tool; one that fails can hide all of them.",
                remedy: "Send a name, and an inputSchema that is an object with \"type\": \"object\".",
                breaks: ProbedClient.everyone),
            rule(
                "tools.schema-size", "Input schemas that are too large", .schemaSize,
                why: "Claude leaves out such a tool without a word (anthropics/claude-code#77296).",
                remedy: "Make the schema smaller: fewer parameters, shorter descriptions.",
                breaks: [.claude, .claudeCode]),
            rule(
                "tools.combinator", "oneOf, anyOf, allOf, not or enum at the top of an input schema", .combinator,
                why: "Model APIs refuse the whole request with 400, and with it all tools "
                    + "(anthropics/claude-code#64113).",
                remedy: "Make it one object; tell the cases apart by a parameter.",
                breaks: [.claude, .claudeCode, .chatgpt]),
            rule(
                "tools.parameter-name", "Names of parameters that clients cannot use", .parameterName,
                why: "Model APIs take 1 to 64 of A-Z a-z 0-9 _ . and -; one other name makes the whole request fail.",
                remedy: "Rename these parameters.", breaks: [.claude, .claudeCode]),
            rule(
                "tools.reference", "References that lead out of a schema", .reference,
                why: "No client fetches them; most fail on the tool.", remedy: "Write the schema out.",
                breaks: ProbedClient.real),
            rule(
                "tools.parameter-header", "Headers for parameters that clients cannot send", .parameterHeader,
                why: "Clients of 2026-07-28 must drop such a tool.",
                remedy:
                    "Use x-mcp-header only on named string, integer and boolean parameters, each with another name.",
                breaks: [.strict]),
            Check(
                "tools.output-schema", "Output schemas that are not of an object", in: .tools,
                did: "Read the output schema of every tool.",
                why: "Up to 2025-11-25 it must be of an object. Clients that check it drop the whole list.",
                remedy: "Wrap it: {\"type\": \"object\", \"properties\": {\"result\": …}}.",
                clause: "2025-11-25, schema: Tool", breaks: [.claudeCode, .vscode, .inspector, .cursor],
                causes: ["tools.shape"]
            ) { evidence, _ in
                guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
                guard evidence.conversation != nil else { return .fine }
                let wrong = tools.definitions.filter { definition in
                    guard let schema = definition["outputSchema"], !schema.isNull else { return false }
                    return schema["type"]?.stringEquals("object") != true
                }
                return .found(wrong.map { tools.named($0) })
            },
        ] + ToolAdvice.all

    /// A rule for every single tool.
    private static func rule(
        _ id: String, _ title: String, _ rule: ToolFault.Rule, why: String, remedy: String, breaks: Set<ProbedClient>
    ) -> Check {
        Check(
            id, title, in: .tools, did: "Read the definition of every tool.", why: why, remedy: remedy,
            clause: "2025-11-25, server/tools", breaks: breaks
        ) { evidence, _ in
            guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
            return .found(
                tools.definitions.compactMap { definition in
                    let fault = ToolRules.faults(in: definition).first { $0.rule == rule }
                    return fault.map { "\(tools.named(definition)): \(Excerpt.of($0.cause, limit: 200))" }
                })
        }
    }

    static func beyond(_ limits: [ClientLimit], _ value: Double, _ words: String) -> Check.Judgement {
        let exceeded = limits.filter { value > $0.value }
        guard !exceeded.isEmpty else { return .fine }
        let named = exceeded.map { "\($0.client.name): \(Int($0.value))" }.joined(separator: ", ")
        return .found("\(words); limits: \(named)", breaks: Set(exceeded.filter(\.isHard).map(\.client)))
    }
}

extension Answer {
    var isAccepted: Bool { if case .accepted = outcome { true } else { false } }
}
