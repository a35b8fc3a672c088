import MCPProtocol

/// What makes single tools work worse in some clients.
enum ToolAdvice {
    static let all = [
        Check(
            "tools.dotted-name", "Names of tools with a point", in: .tools, did: "Read the name of every tool.",
            why: "The protocol allows it, several model APIs do not; clients rename the tool, or leave it out.",
            remedy: "Use _ instead."
        ) { evidence, _ in
            each(evidence) { ($0["name"]?.string ?? "").contains(".") ? "" : nil }
        },
        Check(
            "tools.long-name", "Names that are too long with a prefix before them", in: .tools,
            did: "Measured the name of every tool.",
            why: "Claude Code puts mcp__SERVER__ before a name; over 64 characters together the tool cannot be called "
                + "(anthropics/claude-code#19882).",
            remedy: "Keep names within 45 characters.", causes: ["tools.name"]
        ) { evidence, _ in
            each(evidence) { definition in
                let count = (definition["name"]?.string ?? "").utf8.count
                return count > 45 && count <= 64 ? "\(count) characters" : nil
            }
        },
        Check(
            "tools.local-reference", "Input schemas with $ref", in: .tools, did: "Read the input schema of every tool.",
            why: "It is valid, but Claude has refused such tools, and small models are confused by them.",
            remedy: "Write the schema out in place.", causes: ["tools.reference"]
        ) { evidence, _ in
            each(evidence) { definition in
                guard let schema = definition["inputSchema"] else { return nil }
                var found: String?
                SchemaWalk.visit(schema) { place in
                    guard let target = place.schema["$ref"]?.string, target.hasPrefix("#") else { return }
                    found = found ?? Excerpt.of(target, limit: 60)
                }
                return found
            }
        },
        Check(
            "tools.nested", "Parameters that are objects inside objects", in: .tools,
            did: "Read the input schema of every tool.",
            why: "Claude has been seen to strip objects at the second level and below, from the schema and from the "
                + "arguments (anthropics/claude-ai-mcp#578).",
            remedy: "Make parameters flat."
        ) { evidence, _ in
            each(evidence) { definition in
                guard let schema = definition["inputSchema"] else { return nil }
                var found: String?
                SchemaWalk.visit(schema) { place in
                    guard let names = place.properties, names.count >= 2,
                        place.schema["type"]?.stringEquals("object") == true
                    else { return }
                    found = found ?? Excerpt.of(names.joined(separator: "."), limit: 60)
                }
                return found
            }
        },
        Check(
            "tools.search-fetch", "There is no search and no fetch", in: .tools, did: "Read the name of every tool.",
            why: "ChatGPT uses servers without these two in developer mode only.",
            remedy: "Offer search and fetch as OpenAI documents them, or let users switch developer mode on.",
            otherwise: .note
        ) { evidence, demands in
            guard demands.clients == [.chatgpt], let tools = evidence.tools, !tools.definitions.isEmpty else {
                return .notExamined
            }
            let names = Set(tools.definitions.compactMap { $0["name"]?.string })
            return .found(["search", "fetch"].filter { !names.contains($0) }.map { "no \($0)" })
        },
        Check(
            "tools.annotations", "Tools that do not say whether they change something", in: .tools,
            did: "Read the annotations of every tool.",
            why:
                "Claude's directory asks for a title and readOnlyHint or destructiveHint, ChatGPT for the hints; without "
                + "them users are asked more often.",
            remedy: "Set title, readOnlyHint and destructiveHint.", otherwise: .note
        ) { evidence, _ in
            guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
            let count = tools.definitions.count { definition in
                let annotations = definition["annotations"]
                return annotations?["readOnlyHint"] == nil && annotations?["destructiveHint"] == nil
            }
            return count == 0 ? .fine : .found("\(count) of \(tools.definitions.count) tools")
        },
    ]

    private static func each(_ evidence: Evidence, _ fault: (JSON) -> String?) -> Check.Judgement {
        guard let tools = evidence.tools, !tools.definitions.isEmpty else { return .notExamined }
        return .found(
            tools.definitions.compactMap { definition in
                fault(definition).map { $0.isEmpty ? tools.named(definition) : "\(tools.named(definition)): \($0)" }
            })
    }
}
