package import FoundationEssentials
package import MCPProtocol

/// How a task stands (tasks extension, Task Status).
package enum TaskStatus: String, CaseIterable, Sendable {
    case working, completed, failed, cancelled
    case inputRequired = "input_required"

    package var isTerminal: Bool { self != .working && self != .inputRequired }
}

/// How a task has ended.
package enum TaskOutcome: Equatable, Sendable {
    /// The tool's result, also one with `isError`: the bytes of one object, as ``JSONWriter`` leaves them.
    case result([UInt8])
    case error(RPCError)
}

/// One task's way from its creation to its one end. The store keeps it, and lets one event at a time happen to it, so
/// that of several processes the first decides.
package struct TaskMachine: Equatable, Sendable {
    /// Working or waiting for input, one after the other as often as it takes; then one of the terminal three.
    package private(set) var status: TaskStatus
    package private(set) var statusMessage: String?
    package private(set) var updated: Date
    /// All that was ever asked, in its order, while the task is not over.
    package private(set) var questions: [Question]
    /// Nil while the task is not over, and when it was cancelled.
    package private(set) var outcome: TaskOutcome?

    package struct Question: Equatable, Sendable {
        package var key: String
        /// `{method, params}`, verbatim.
        package var request: JSON
        /// Nil until there is one.
        package var answer: JSON?

        package init(key: String, request: JSON, answer: JSON? = nil) {
            self.key = key
            self.request = request
            self.answer = answer
        }
    }

    package init(at date: Date) {
        self.init(restoring: .working, updated: date)
    }

    /// As a store has kept it.
    package init(
        restoring status: TaskStatus, statusMessage: String? = nil, updated: Date, questions: [Question] = [],
        outcome: TaskOutcome? = nil
    ) {
        self.status = status
        self.statusMessage = statusMessage
        self.updated = updated.wholeMilliseconds
        self.questions = questions
        self.outcome = outcome
    }

    package var unanswered: [Question] { questions.filter { $0.answer == nil } }

    package var answers: [String: JSON] {
        Dictionary(questions.compactMap { question in question.answer.map { (question.key, $0) } }) { first, _ in first
        }
    }

    // MARK: Questions

    package enum Asking: Equatable, Sendable {
        case asked
        case refuse(AskRefusal)
    }

    package enum AskRefusal: Error, Equatable, Sendable {
        /// The task has ended.
        case over
        /// A key stands for one question over the task's whole life (M-40).
        case keyTaken(String)
        case tooMany(limit: Int)
        case tooLarge(limit: Int)
    }

    /// Puts questions to the client, all or none.
    /// - Parameters:
    ///   - count: Questions over the task's life.
    ///   - bytes: Of all of them.
    package mutating func ask(_ requests: [String: JSON], count: Int, bytes: Int, at date: Date) -> Asking {
        guard !status.isTerminal else { return .refuse(.over) }
        if let key = requests.keys.sorted().first(where: { key in questions.contains { $0.key == key } }) {
            return .refuse(.keyTaken(key))
        }
        guard questions.count + requests.count <= count else { return .refuse(.tooMany(limit: count)) }
        let added = requests.sorted { $0.key < $1.key }.map { Question(key: $0.key, request: $0.value) }
        let size = (questions + added).reduce(0) { $0 + $1.key.utf8.count + $1.request.bytes.count }
        guard size <= bytes else { return .refuse(.tooLarge(limit: bytes)) }
        questions += added
        if !added.isEmpty { note(date) }
        return .asked
    }

    package enum Answering: Equatable, Sendable {
        /// What was new among the answers.
        case taken([String: JSON])
        case refuse(tooLarge: Int)
    }

    /// Takes the client's answers. Those that were not asked for, or are there already, are passed over.
    /// - Parameter bytes: Of all answers over the task's life.
    package mutating func answer(_ responses: [String: JSON], bytes: Int, at date: Date) -> Answering {
        var answered = questions
        var taken: [String: JSON] = [:]
        for index in answered.indices where answered[index].answer == nil {
            guard let answer = responses[answered[index].key]?.detached() else { continue }
            answered[index].answer = answer
            taken[answered[index].key] = answer
        }
        guard !taken.isEmpty else { return .taken([:]) }
        guard answered.reduce(0, { $0 + ($1.answer?.bytes.count ?? 0) }) <= bytes else {
            return .refuse(tooLarge: bytes)
        }
        questions = answered
        note(date)
        return .taken(taken)
    }

    private mutating func note(_ date: Date) {
        status = unanswered.isEmpty ? .working : .inputRequired
        updated = max(updated, date.wholeMilliseconds)
    }

    // MARK: The end

    /// Whether this is how the task ends; false when it has ended already.
    package mutating func finish(_ outcome: TaskOutcome, at date: Date) -> Bool {
        switch outcome {
        case .result: settle(.completed, nil, outcome, at: date)
        case .error(let error): settle(.failed, error.message, outcome, at: date)
        }
    }

    package mutating func cancel(at date: Date) -> Bool {
        settle(.cancelled, "The task was cancelled", nil, at: date)
    }

    /// The one place a task ends.
    private mutating func settle(
        _ terminal: TaskStatus, _ message: String?, _ outcome: TaskOutcome?, at date: Date
    ) -> Bool {
        guard !status.isTerminal else { return false }
        status = terminal
        statusMessage = message
        self.outcome = outcome
        questions = []
        updated = max(updated, date.wholeMilliseconds)
        return true
    }
}
