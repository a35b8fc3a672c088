import Logging
import MCPProtocol

/// Input that a function asks its client for in the per-request era: the answer to the request is the question, and the
/// next request brings the answers (M-27).
extension Gateway {
    /// With the answers that `request`, and those before it, brought.
    func retryQuestions(for request: Request, _ principal: Principal) async throws(RPCError) -> any Questions {
        guard Method.asking.contains(request.method) else { return NoQuestions.notHere }
        guard let sealed = request.params?["requestState"] else {
            return RetryQuestions(RequestState())
        }
        guard let text = sealed.string else { throw .invalidParams("params.requestState must be a string") }
        do {
            var state = try await sealer.open(text, for: binding(request, principal), at: time.date)
            state.take(request.params?["inputResponses"])
            return RetryQuestions(state)
        } catch let fault as RequestStateFault {
            throw fault.error
        } catch {
            throw storeFailed(error)
        }
    }

    /// Answers with the questions, and with what was learned before them.
    func ask(_ input: InputRequired, _ exchange: Exchange, _ request: Request) async -> Bool {
        let questions = input.questions
        let answers = input.carrying == nil ? (exchange.questions as? RetryQuestions)?.answers ?? [:] : [:]
        do {
            let state = try await sealer.seal(
                RequestState(answers: answers, asked: Set(questions.map(\.key)), carried: input.carrying),
                for: binding(request, exchange.principal), at: time.date)
            let requests = questions.map { (key: $0.key, request: $0.json(for: exchange.envelope.version)) }
            return exchange.succeed(exchange.envelope.inputRequired(requests, state: state), as: .inputRequired)
        } catch let fault as RequestStateFault {
            return exchange.fail(fault.error)
        } catch {
            return exchange.fail(storeFailed(error))
        }
    }

    private func binding(_ request: Request, _ principal: Principal) -> RequestStateBinding {
        RequestStateBinding(principal: principal, method: request.method, params: request.params)
    }

    private func storeFailed(_ error: any Error) -> RPCError {
        logger.error("request_state.no_key", metadata: ["error": "\(error)"])
        return .internalError("The server cannot keep the state of this request now; try again")
    }
}
