import MCPProtocol
import Synchronization

/// A task that this process works on: the questions its function waits with, and how it learns that it is over.
final class TaskRun: TaskPort, Sendable {
    typealias Put = @Sendable (_ requests: [String: JSON]) async throws -> Void

    private struct Ask {
        var missing: Set<String>
        var answers: [String: JSON] = [:]
        var waiting: CheckedContinuation<[String: JSON], any Error>?
    }

    private struct State {
        var asks: [Int: Ask] = [:]
        var nextAsk = 0
        var isOver = false
        /// Of the function, while it runs.
        var interrupt: Interrupt?
        var revision = 0
    }

    let reference: TaskReference
    private let put: Put
    private let state = Mutex(State())

    /// - Parameter put: Makes questions known to the client.
    init(_ reference: TaskReference, put: @escaping Put) {
        self.reference = reference
        self.put = put
    }

    var taskID: String { reference.id }

    // MARK: Questions

    func ask(_ requests: [String: JSON]) async throws -> [String: JSON] {
        guard !requests.isEmpty else { return [:] }
        // Before they are known, so that no answer comes too early.
        let number = state.withLock { state in
            state.nextAsk += 1
            state.asks[state.nextAsk] = Ask(missing: Set(requests.keys))
            return state.nextAsk
        }
        do { try await put(requests) } catch {
            state.withLock { $0.asks[number] = nil }
            throw error
        }
        return try await answers(number)
    }

    private func answers(_ number: Int) async throws -> [String: JSON] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let ready = state.withLock { state -> Result<[String: JSON], any Error>? in
                    if let ask = state.asks[number], ask.missing.isEmpty {
                        state.asks[number] = nil
                        return .success(ask.answers)
                    }
                    if state.asks[number] == nil || state.isOver || Task.isCancelled {
                        state.asks[number] = nil
                        return .failure(CancellationError())
                    }
                    state.asks[number]?.waiting = continuation
                    return nil
                }
                if let ready { continuation.resume(with: ready) }
            }
        } onCancel: {
            state.withLock { $0.asks.removeValue(forKey: number) }?.waiting?.resume(throwing: CancellationError())
        }
    }

    /// Hands answers to whoever waits for them. Those that were handed over before change nothing.
    func deliver(_ answers: [String: JSON]) {
        let complete = state.withLock { state -> [Ask] in
            var complete: [Ask] = []
            for (number, var ask) in state.asks {
                for (key, answer) in answers where ask.missing.remove(key) != nil { ask.answers[key] = answer }
                if ask.missing.isEmpty, ask.waiting != nil {
                    state.asks[number] = nil
                    complete.append(ask)
                } else {
                    state.asks[number] = ask
                }
            }
            return complete
        }
        for ask in complete { ask.waiting?.resume(returning: ask.answers) }
    }

    // MARK: The end

    var isOver: Bool { state.withLock { $0.isOver } }

    /// The task has ended, or is no more: its function should stop.
    func end() {
        let (waiting, interrupt) = state.withLock { state in
            state.isOver = true
            defer { (state.asks, state.interrupt) = ([:], nil) }
            return (state.asks.values.compactMap(\.waiting), state.interrupt)
        }
        for continuation in waiting { continuation.resume(throwing: CancellationError()) }
        interrupt?()
    }

    /// Runs `work` on the task that `interrupt` cancels, which happens when the task is over before the work has ended.
    func perform(_ interrupt: Interrupt, _ work: @Sendable () async -> Void) async {
        let isOver = state.withLock { state in
            if !state.isOver { state.interrupt = interrupt }
            return state.isOver
        }
        if isOver { interrupt() }
        await work()
        state.withLock { ($0.isOver, $0.interrupt) = (true, nil) }
    }

    func isBehind(_ revision: Int) -> Bool { state.withLock { $0.revision < revision } }

    /// Whether `revision` is news.
    func note(revision: Int) -> Bool {
        state.withLock { state in
            guard revision > state.revision else { return false }
            state.revision = revision
            return true
        }
    }
}
