/// What becomes of requests around the end of their session.
enum RaceChecks {
    static let all = [
        Check(
            "race.lost", "Answers get lost when a session is ended", in: .race,
            did:
                "Sent a request and DELETE for its session at nearly the same time, again and again, and further requests "
                + "right after it.",
            why:
                "Clients end sessions while requests run: leaving a chat is enough. A request that gets 200 with nothing, a "
                + "broken connection or silence shows no tools, and nothing in the client says why.",
            remedy:
                "Let what runs be answered before a session is closed; put Holdfast in front where the server cannot.",
            clause: "JSON-RPC 2.0: every request gets a response; DELETE is no cancellation",
            breaks: [.claude, .chatgpt, .claudeCode, .inspector], effect: .loses,
            causes: ["answer.parallel", "session.single", "session.no-return", "tools.unanswered"]
        ) { evidence, _ in
            guard let race = evidence.race, race.rounds > 0 else { return .notExamined }
            let (lost, hung) = (race.count(.lost), race.count(.hung))
            guard lost + hung > 0 else { return .fine }
            let kinds = Dictionary(grouping: race.trials.filter { $0.fate == .lost && $0.role.isRequest }, by: \.saw)
                .sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(3)
                .map { "\($0.value.count) × \($0.key)" }
            let words =
                "of \(race.requests) requests \(lost) lost" + race.besideStream + ", \(hung) hung, "
                + "\(race.count(.answered)) answered, \(race.count(.refused)) refused properly"
            return .found(([words] + kinds + ["seed \(race.seed)"]).joined(separator: "; "))
        },
        Check(
            "race.misrefused", "Requests around the end of a session are refused in a way that clients misread",
            in: .race,
            did: "Sent requests on a session around DELETE for it.",
            why: "Only 404 says that the session has ended; after 400, 401 or 503 clients do not begin anew.",
            remedy: "Answer 404 with a JSON-RPC error.",
            clause: "2025-11-25, basic/transports: session management", breaks: [.claude, .claudeCode], effect: .loses,
            causes: ["session.deleted-id", "session.unknown-id", "session.single", "session.no-return", "race.lost"]
        ) { evidence, _ in
            guard let race = evidence.race, race.rounds > 0 else { return .notExamined }
            let wrong = race.trials.filter { $0.fate == .misrefused && $0.role.isRequest }
            guard let first = wrong.first else { return .fine }
            return .found("\(wrong.count) of \(race.requests) requests, the first with \(first.saw); seed \(race.seed)")
        },
        Check(
            "race.new-session", "A session that is opened while another one ends is not served", in: .race,
            did: "Sent initialize and tools/list right after DELETE for another session.",
            why: "That is how clients reconnect. The end of one session must not touch another.",
            remedy: "Share nothing between sessions that one of them can close.", breaks: ProbedClient.real,
            effect: .loses,
            causes: ["race.lost", "session.single", "session.no-return", "tools.unanswered", "tools.refused"]
        ) { evidence, _ in
            guard let race = evidence.race, race.rounds > 0 else { return .notExamined }
            let new = race.trials.filter { $0.role == .newAtOnce || $0.role == .newLater }
            let wrong = new.filter { $0.fate != .answered && !$0.saw.hasPrefix("HTTP 429") }
            guard let first = wrong.first else { return .fine }
            return .found("\(wrong.count) of \(new.count) requests, the first with \(first.saw); seed \(race.seed)")
        },
        Check(
            "race.delete", "DELETE fails while requests run", in: .race,
            did: "Sent DELETE while a request ran on the session.",
            why: "The client's own end waits for it, or reports an error.",
            remedy: "Answer at once, and end the session when what runs is answered.",
            effect: .loses,
            causes: ["session.delete", "answer.parallel", "session.single", "session.no-return", "tools.unanswered"]
        ) { evidence, _ in
            guard let race = evidence.race, race.rounds > 0 else { return .notExamined }
            let wrong = race.trials.filter { $0.role == .delete && $0.fate != .answered }
            guard let first = wrong.first else { return .fine }
            return .found("\(wrong.count) of \(race.rounds), the first with \(first.saw); seed \(race.seed)")
        },
        Check(
            "race.stream", "The stream that a client listens on breaks off when its session ends", in: .race,
            did: "Sent DELETE for a session on which a stream was open.",
            why:
                "A stream that ends is the end; one that breaks off is an error, which clients report, and after which "
                + "they come back to a session that is gone.",
            remedy: "Send the last chunk of the response before the connection is closed.", effect: .loses,
            causes: ["stream.ended", "stream.get"]
        ) { evidence, _ in
            guard let race = evidence.race, !race.listening.isEmpty else { return .notExamined }
            let wrong = race.trials.filter { $0.role == .stream && $0.fate == .lost }
            guard let first = wrong.first else { return .fine }
            return .found("\(wrong.count) of \(race.listening.count): \(first.saw); seed \(race.seed)")
        },
        Check(
            "race.throttled", "The server asked for fewer requests", in: .race,
            did: "Ended sessions while requests ran.",
            why: "The race was cut short; its counts say less.",
            remedy: "Probe with a higher limit for this token, or from a machine that has none.", otherwise: .note
        ) { evidence, _ in
            guard let race = evidence.race else { return .notExamined }
            return race.wasThrottled ? .found("HTTP 429 after \(race.rounds) rounds") : .fine
        },
    ]
}

extension RaceEvidence {
    package var requests: Int { trials.count { $0.role.isRequest } }

    /// How many of those that got lost did so beside an open stream.
    fileprivate var besideStream: String {
        let rounds = listening
        let count = trials.count { $0.fate == .lost && $0.role.isRequest && rounds.contains($0.round) }
        return count == 0 ? "" : " (\(count) of them beside an open stream)"
    }
}
