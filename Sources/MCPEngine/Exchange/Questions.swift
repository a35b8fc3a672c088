package import MCPProtocol

/// How an exchange puts questions to its client, which differs by era.
package protocol Questions: Sendable {
    /// One answer for each question, in their order.
    ///
    /// Throws ``ClientError`` when the client answers with an error, and ``InputRequired`` when the answers can only come
    /// with another request.
    func ask(_ questions: [Question], on exchange: Exchange) async throws -> [JSON]
}

/// The run of a function ends here; it begins again with the request that brings the answers.
package struct InputRequired: Error, Sendable {
    package var questions: [Question]
    /// What the client brings back, unread, with the answers to these questions alone: see ``ExchangePort/carried``. Nil
    /// to have all answers so far brought back.
    package var carrying: JSON?

    package init(_ questions: [Question], carrying: JSON? = nil) {
        self.questions = questions
        self.carrying = carrying
    }
}

/// What a request brings back from the one before it, which ended with ``InputRequired``.
package struct CarriedInput: Sendable {
    package var value: JSON
    /// By key, as they came; a question that was not answered is missing.
    package var answers: [String: JSON]
}

/// There is no way back to the client of this request, so nobody is asked, and nobody waits (H-54).
package struct NoQuestions: Questions {
    private let reason: String

    private init(_ reason: String) {
        self.reason = reason
    }

    package static let withoutSession = NoQuestions(
        "This needs an answer from the user, which takes a session: send initialize first.")
    /// A question is an event on the stream of the request that asks, and on no other (H-34, H-52).
    package static let withoutEvents = NoQuestions(
        """
        This needs an answer from the user, but the client cannot be asked on this connection: its request does not \
        accept text/event-stream.
        """)
    /// A request of the per-request era that must not be answered with a question (M-27, Q-34).
    package static let notHere = NoQuestions("Only a tool, a prompt or a resource can ask the user for something.")

    package func ask(_ questions: [Question], on exchange: Exchange) async throws -> [JSON] {
        throw ClientUnreachable(reason)
    }
}

/// Up to 2025-11-25: a request to the client on the stream of the request that asks (H-34, H-54).
package struct SessionQuestions: Questions {
    let open: OpenQuestions

    package init(_ open: OpenQuestions) {
        self.open = open
    }

    package func ask(_ questions: [Question], on exchange: Exchange) async throws -> [JSON] {
        let version = exchange.envelope.version
        var ids: [RequestID] = []
        defer { for id in ids { open.close(id) } }
        // All or none: nobody should be asked for something that is not waited for.
        for _ in questions { ids.append(try open.open()) }
        for (id, question) in zip(ids, questions) {
            exchange.log.append(Wire.request(question.request.method, params: question.params(for: version), id: id))
        }
        var answers: [JSON] = []
        for id in ids { answers.append(try await open.answer(to: id)) }
        return answers
    }
}

/// From 2026-07-28 on: what the client sent along is the answer; what it did not ends this run (M-27).
package struct RetryQuestions: Questions {
    /// By key, from this request and from those before it.
    package let answers: [String: JSON]
    package let carried: CarriedInput?

    package init(_ state: RequestState) {
        answers = state.answers
        carried = state.carried.map { CarriedInput(value: $0, answers: state.answers) }
    }

    package func ask(_ questions: [Question], on exchange: Exchange) async throws -> [JSON] {
        let missing = questions.filter { answers[$0.key] == nil }
        guard missing.isEmpty else { throw InputRequired(missing) }
        return questions.compactMap { answers[$0.key] }
    }
}
