import MCPProtocol

/// What became of every request around the end of its session.
package struct RaceEvidence: Sendable {
    /// Where a request stands to the DELETE of its round.
    package enum Role: String, Sendable, CaseIterable {
        /// Sent about when DELETE was.
        case list, call
        case delete
        /// As soon as DELETE was answered, on the session that it ended.
        case oldAtOnce = "old-at-once"
        /// The same on a session opened just then.
        case newAtOnce = "new-at-once"
        /// Two seconds later.
        case oldLater = "old-later"
        case newLater = "new-later"
        /// What the client listens on; opened before all others.
        case stream

        /// It is owed an answer.
        var isRequest: Bool { self != .delete && self != .stream }
        var isAtTheSameTime: Bool { self == .list || self == .call }
        var isOnOldSession: Bool { self == .oldAtOnce || self == .oldLater }
    }

    package enum Fate: String, Sendable, CaseIterable {
        case answered
        /// Told so in a way that clients understand: 404, or an error as the answer.
        case refused
        /// Told so in a way that clients misread.
        case misrefused
        /// 200 with no answer, a broken connection, a failure of the server.
        case lost
        /// Nothing within the time.
        case hung
    }

    package struct Trial: Sendable {
        package var round: Int
        package var role: Role
        package var fate: Fate
        /// From the sending of DELETE.
        package var sent: Duration
        package var ended: Duration
        package var saw: String
    }

    package var seed: UInt64
    /// DELETE went out at most so much before or after the request.
    package var spread: Duration
    package var rounds = 0
    package var tool: String?
    package var trials: [Trial] = []
    /// Requests at the same time on one session that nobody ended.
    package var control: [Trial] = []
    /// The server asked for fewer requests.
    package var wasThrottled = false

    package func count(_ fate: Fate, where isWanted: (Role) -> Bool = \.isRequest) -> Int {
        trials.count { $0.fate == fate && isWanted($0.role) }
    }

    /// Rounds in which a stream was open.
    package var listening: Set<Int> { Set(trials.filter { $0.role == .stream }.map(\.round)) }
}

extension RaceEvidence.Fate {
    init(_ answer: Answer) {
        switch answer.outcome {
        case .result: self = .answered
        case .accepted: self = .lost
        case .error: self = (answer.status ?? 0) >= 500 ? .lost : .refused
        case .refused(let status, _):
            switch status {
            case 404, 429: self = .refused
            case 503: self = .misrefused
            case 500...: self = .lost
            default: self = .misrefused
            }
        case .nothing(.late): self = .hung
        case .nothing: self = .lost
        }
    }
}
