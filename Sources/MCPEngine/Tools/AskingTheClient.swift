public import MCPProtocol

/// Questions to the client and the person behind it, while a request runs.
///
/// Up to 2025-11-25 a question is a request to the client, and the function goes on with the answer. From 2026-07-28 on
/// the client gets an `input_required` result and sends its request again with the answer; the function then runs again
/// **from its start**, and a question that was answered returns at once. So write a function that asks in this order:
/// ask, then act. What stands before a question may run more than once.
extension CallContext {
    /// Puts `requests` to the client, all at once, and returns its answers under the same keys.
    ///
    /// - Parameter requests: By a key that is the same whenever the function runs again.
    /// - Throws: ``RPCError`` (−32021) when the client lacks the capability, ``ClientError`` when it answers with an error,
    ///   ``RPCError`` (−32602) or ``ToolError`` when its answer is not one to the question, ``ClientUnreachable`` when
    ///   there is no way to ask it, `CancellationError` when the request was cancelled. Do not catch the other errors:
    ///   they carry the question out.
    public func ask(_ requests: KeyValuePairs<String, InputRequest>) async throws -> [String: InputResponse] {
        let questions = requests.map { Question(key: $0.key, request: $0.value) }
        for question in questions {
            guard question.request.isAvailable(in: version) else {
                throw RPCError.invalidRequest(
                    "This needs \(question.request.method), which protocol version \(version.rawValue) lacks")
            }
        }
        if let missing = client.missing(questions.flatMap { $0.request.requiredCapabilities(for: version) }) {
            throw RPCError.missingCapability(missing)
        }
        let answers = try await exchange.ask(questions)
        var responses: [String: InputResponse] = [:]
        for (question, answer) in zip(questions, answers) {
            responses[question.key] = try response(answer, to: question)
        }
        return responses
    }

    /// An answer that came with the request is the request's fault when it is wrong; one that came on its own is not.
    private func response(_ answer: JSON, to question: Question) throws -> InputResponse {
        guard version.era == .handshake else {
            return try question.request.response(answer, at: "inputResponses.\(question.key)")
        }
        do {
            return try question.request.response(answer)
        } catch {
            throw ToolError("The client's answer to \(question.request.method) is wrong: \(error.message)")
        }
    }

    /// Makes sure that the client can do something before anything is done that relies on it.
    /// - Throws: ``RPCError`` (−32021) that names what is missing.
    public func require(_ capabilities: ClientCapability...) throws {
        if let missing = client.missing(capabilities) { throw RPCError.missingCapability(missing) }
    }

    /// Asks the person at the client to fill in a form (`elicitation/create`).
    /// - Parameter key: Names the question; another one for each question of a function.
    public func elicit(
        _ message: String, _ schema: ElicitationSchema, key: String = "input"
    ) async throws -> ElicitationAnswer {
        guard case .elicitation(let answer) = try await ask([key: .form(message: message, schema: schema)])[key] else {
            throw CancellationError()
        }
        return answer
    }

    /// Sends the person at the client to a web page (`elicitation/create` in url mode; from 2025-11-25 on).
    /// - Parameter id: What `notifications/elicitation/complete` names.
    public func elicit(
        _ message: String, url: String, id: String, key: String = "url"
    ) async throws -> ElicitationAnswer {
        guard case .elicitation(let answer) = try await ask([key: .url(message: message, url: url, id: id)])[key] else {
            throw CancellationError()
        }
        return answer
    }

    /// Has the client's model write a message (`sampling/createMessage`).
    public func sample(_ request: SamplingRequest, key: String = "sampling") async throws -> SamplingAnswer {
        guard case .sampling(let answer) = try await ask([key: .sampling(request)])[key] else {
            throw CancellationError()
        }
        return answer
    }

    /// The directories and files that the client offers to work on (`roots/list`).
    public func roots(key: String = "roots") async throws -> [Root] {
        guard case .roots(let roots) = try await ask([key: .roots])[key] else { throw CancellationError() }
        return roots
    }
}

/// One question of a function, under the key by which its answer is found again.
package struct Question: Sendable {
    package var key: String
    package var request: InputRequest
    /// Of a question that is passed on: its parameters as they came, where all versions have them alike.
    private var verbatim: JSON?

    package init(key: String, request: InputRequest, verbatim: JSON? = nil) {
        self.key = key
        self.request = request
        self.verbatim = verbatim
    }

    package func params(for version: ProtocolVersion) -> JSON { verbatim ?? request.params(for: version) }

    /// As a value of `inputRequests`.
    package func json(for version: ProtocolVersion) -> JSON {
        ["method": JSON(request.method), "params": params(for: version)]
    }
}

/// The client answered a question with an error, as it does when a person refuses to let its model be used.
public struct ClientError: Error, Sendable {
    /// JSON-RPC; −1 is a person's refusal (M-04).
    public var code: Int
    /// In the client's words.
    public var message: String

    public init(code: Int, message: String) {
        self.code = code
        self.message = message
    }
}

/// There is no way to put a question to the client of this request, whatever it could answer: it has no session, or
/// takes no events in reply. Thrown at once.
public struct ClientUnreachable: Error, Sendable {
    /// For the model: why.
    public var message: String

    public init(_ message: String) {
        self.message = message
    }
}
