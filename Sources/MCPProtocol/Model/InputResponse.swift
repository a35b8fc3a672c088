/// How a client answered an ``InputRequest``.
public enum InputResponse: Sendable, Equatable {
    /// What a person did with a form or a page.
    case elicitation(ElicitationAnswer)
    /// What the client's model said.
    case sampling(SamplingAnswer)
    /// Where the server may work.
    case roots([Root])

    package func json(for version: ProtocolVersion) -> JSON {
        switch self {
        case .elicitation(let answer): answer.json
        case .sampling(let answer): answer.json(for: version)
        case .roots(let roots): ["roots": JSON(roots.map { $0.json(for: version) })]
        }
    }
}

/// What the user did with a form or a page (MCP 2025-11-25, client/elicitation, "Response Actions").
public struct ElicitationAnswer: Sendable, Equatable {
    /// What a person can do with a question.
    public enum Action: String, Sendable {
        /// Filled in and sent, or agreed to be sent to the page.
        case accept
        /// Said no.
        case decline
        /// Went away without a choice.
        case cancel
    }

    /// What the person did.
    public var action: Action
    /// What was filled in, an object that fits the form; nil unless a form was accepted.
    public var content: JSON?

    public init(action: Action, content: JSON? = nil) {
        self.action = action
        self.content = content
    }

    package init(_ json: JSON, at path: String = "result") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        guard let action = Action(rawValue: try reader.string("action")) else {
            throw reader.error("action", "\"accept\", \"decline\" or \"cancel\"")
        }
        self.init(action: action, content: try reader.object("content"))
    }

    package var json: JSON {
        var members = JSONMembers()
        members.add("action", action.rawValue)
        members.add("content", content)
        return members.json
    }
}

extension InputRequest {
    /// Reads the client's answer to this: the bare result, without `resultType` (M-28).
    /// - Parameter path: What the answer is called in the error, `inputResponses.confirm` for one.
    /// - Throws: -32602 that says what is wrong with it.
    package func response(_ json: JSON, at path: String = "result") throws(RPCError) -> InputResponse {
        let response: InputResponse
        do throws(ShapeError) {
            switch self {
            case .form, .url: response = .elicitation(try ElicitationAnswer(json, at: path))
            case .sampling: response = .sampling(try SamplingAnswer(json, at: path))
            case .roots: response = .roots(try Root.list(json, at: path))
            }
        } catch {
            throw error.rpcError
        }
        guard case .elicitation(var answer) = response else { return response }
        guard answer.action == .accept, case .form(_, let schema) = self else {
            return .elicitation(ElicitationAnswer(action: answer.action))
        }
        let content = answer.content ?? [:]
        if let problem = schema.problem(in: content) { throw .invalidParams("\(path).content: \(problem)") }
        answer.content = content
        return .elicitation(answer)
    }
}
