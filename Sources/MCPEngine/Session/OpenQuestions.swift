package import MCPProtocol
import Synchronization

/// What a session has asked its client and not yet been answered (H-38). Bounded; a question has at most one answer.
package final class OpenQuestions: Sendable {
    private typealias Answer = Result<JSON, any Error>

    private enum Question {
        case asked
        case waiting(CheckedContinuation<Answer, Never>)
        case answered(Answer)
    }

    private struct State {
        var questions: [RequestID: Question] = [:]
        var next = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let epoch: UInt32
    private let limit: Int

    /// - Parameters:
    ///   - epoch: Differs from process to process, so that a late answer to an earlier one's question fits no other.
    ///   - limit: Questions open at once.
    package init(epoch: UInt32, limit: Int) {
        self.epoch = epoch
        self.limit = limit
    }

    /// A new question's id.
    package func open() throws -> RequestID {
        try state.withLock { state in
            if state.isClosed { throw Self.over }
            guard state.questions.count < limit else {
                throw ToolError("The client has \(limit) questions to answer already.")
            }
            state.next += 1
            let id = RequestID.string("\(epoch)-\(state.next)")
            state.questions[id] = .asked
            return id
        }
    }

    /// Waits for the answer. Whoever opened the question also closes it.
    package func answer(to id: RequestID) async throws -> JSON {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Answer, Never>) in
                let ready = state.withLock { state -> Answer? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    switch state.questions[id] {
                    case .answered(let answer): return answer
                    case .asked:
                        state.questions[id] = .waiting(continuation)
                        return nil
                    case .waiting, nil: return .failure(Self.over)
                    }
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            settle(id, .failure(CancellationError()))
        }
        return try answer.get()
    }

    package func close(_ id: RequestID) {
        settle(id, .failure(Self.over))
        state.withLock { $0.questions[id] = nil }
    }

    /// The client's answer; one that nobody waits for is let go (S15).
    package func deliver(_ response: Response) {
        guard let id = response.id else { return }
        if let error = response.error {
            let code = error["code"]?.integer ?? Int64(RPCError.Code.internalError)
            settle(id, .failure(ClientError(code: Int(code), message: error["message"]?.string ?? "")))
        } else if let result = response.result {
            settle(id, .success(result.detached()))
        }
    }

    /// The session ends: nothing can be answered any more.
    package func closeAll() {
        let ids = state.withLock { state in
            state.isClosed = true
            return Array(state.questions.keys)
        }
        for id in ids { settle(id, .failure(Self.over)) }
    }

    private static var over: ToolError { ToolError("The session ended before the client answered.") }

    private func settle(_ id: RequestID, _ answer: Answer) {
        let waiting = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            switch state.questions[id] {
            case .asked:
                state.questions[id] = .answered(answer)
                return nil
            case .waiting(let continuation):
                state.questions[id] = .answered(answer)
                return continuation
            case .answered, nil: return nil
            }
        }
        waiting?.resume(returning: answer)
    }
}
