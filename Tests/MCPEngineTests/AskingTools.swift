import MCPEngine
import MCPProtocol

/// Tools that ask their client for something.
enum AskingTools {
    private static let form = ElicitationSchema([.string("name", required: true)])

    private static func word(_ answer: ElicitationAnswer) -> String {
        answer.content?["name"]?.string ?? answer.action.rawValue
    }

    /// Asks for a name and answers with it, or with what the person did instead.
    static let name = SwiftTool(Tool(name: "name")) { _, context in
        .text(word(try await context.elicit("Your name?", form)))
    }

    /// What it asks second depends on the first answer.
    static let twoInARow = SwiftTool(Tool(name: "two")) { _, context in
        let name = word(try await context.elicit("Your name?", form, key: "name"))
        let town = word(try await context.elicit("\(name), which town?", form, key: "town"))
        return .text("\(name) of \(town)")
    }

    /// One of each kind, all at once.
    static let three = SwiftTool(Tool(name: "three")) { _, context in
        let answers = try await context.ask([
            "name": .form(message: "Your name?", schema: form),
            "poem": .sampling(SamplingRequest(messages: [.user("A poem, please")], maxTokens: 10)),
            "place": .roots,
        ])
        guard case .elicitation(let name) = answers["name"], case .sampling(let poem) = answers["poem"],
            case .roots(let roots) = answers["place"]
        else { return .failure("mixed up") }
        return .text("\(word(name)), \(poem.text), \(roots.map(\.uri).joined())")
    }
}
