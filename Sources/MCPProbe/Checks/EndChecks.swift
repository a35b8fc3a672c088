/// Ends of sessions as clients and proxies make them when something is in a hurry.
enum EndChecks {
    static let all = [
        check(
            "session.delete-twice", "A second DELETE makes the server fail",
            did: "Sent DELETE for one session twice at the same time, and once more.",
            why: "Clients and the proxies before them repeat it: it is meant to be repeatable.",
            remedy: "Answer 200, or 404 with a JSON-RPC error."
        ) { ends in ends.twice.compactMap { failure($0) }.first.map { ($0, nil) } },
        check(
            "session.delete-hung-up", "A client that is gone before DELETE is answered does damage",
            did: "Sent DELETE and closed the connection at once; then tools/list on that session and on a new one.",
            why: "That is how an app quits: it does not wait for the answer.",
            remedy: "Take a connection that is gone for what it is, and end its request only."
        ) { ends in
            if let answer = ends.afterHangUp, answer.result == nil {
                return ("a new session: \(answer.words)", ProbedClient.everyone)
            }
            guard let answer = ends.hungUp, answer.absence != nil || (answer.status ?? 0) >= 500 else { return nil }
            return ("that session: \(answer.words)", nil)
        },
        check(
            "session.delete-body", "DELETE with a body puts the server out of step",
            did: "Sent DELETE with {} and with an empty body in chunks, each time followed by initialize.",
            why: "Some HTTP libraries send one; what the server leaves unread is in the way of the next request.",
            remedy: "Read the body to its end, or close the connection after the answer."
        ) { ends in
            let failures = [ends.withBody, ends.inChunks].compactMap { $0.flatMap { failure($0) } }
            if let first = failures.first { return (first, nil) }
            return ends.afterBody.first { $0.result == nil }.map { ("the next initialize: \($0.words)", nil) }
        },
        check(
            "session.delete-none", "DELETE for what is no session makes the server fail",
            did: "Sent DELETE without an id, with one that nobody has, and with one of 4 KB.",
            why: "Clients clean up after themselves, also when they have lost their session.",
            remedy: "Answer 404 or 400 with a JSON-RPC error, or 405 with Allow."
        ) { ends in ends.ofNone.compactMap { failure($0) }.first.map { ($0, nil) } },
        check(
            "session.no-token", "A session id does for a token",
            did: "Sent tools/list on an open session without the token.",
            why: "Ids of sessions stand in logs and proxies; whoever has one acts as its user.",
            remedy: "Look at the token of every request, and answer 401 where it is missing.",
            clause: "2025-11-25, basic/security_best_practices: session hijacking"
        ) { ends in ends.byNobody?.list.result == nil ? nil : ("the list came", nil) },
        check(
            "session.delete-no-token", "Sessions can be ended without a token",
            did: "Sent DELETE for an open session without the token, then tools/list with it.",
            why: "Whoever has seen the id can take the tools away.",
            remedy: "Answer 401, and end nothing.",
            clause: "2025-11-25, basic/security_best_practices: session hijacking"
        ) { ends in
            guard let (_, delete, afterwards) = ends.byNobody, delete.isSuccess, afterwards.result == nil else {
                return nil
            }
            return ("HTTP \(delete.status ?? 0), then \(afterwards.words)", nil)
        },
    ]

    private static func failure(_ reply: HTTPReply) -> String? {
        guard let status = reply.status else { return reply.silence }
        return status >= 500 ? "HTTP \(status)" : nil
    }

    private static func check(
        _ id: String, _ title: String, did: String, why: String, remedy: String, clause: String? = nil,
        judge: @escaping @Sendable (OddEnds) -> (saw: String, breaks: Set<ProbedClient>?)?
    ) -> Check {
        Check(
            id, title, in: .sessions, did: did, why: why, remedy: remedy, clause: clause, effect: .loses,
            causes: [
                "session.delete", "session.no-return", "session.single", "tools.unanswered", "tools.refused",
                "race.lost",
            ]
        ) { evidence, _ in
            guard evidence.hasSession, let ends = evidence.sessions?.oddEnds else { return .notExamined }
            guard let (saw, breaks) = judge(ends) else { return .fine }
            return .found(saw, breaks: breaks)
        }
    }
}
