/// A stream on which nothing happens, until its session is ended.
struct IdleEvidence: Sendable {
    var stream: HTTPReply
    /// When the session was ended; nil when the stream had ended before.
    var sessionEnded: Duration?

    /// What came only when the session had ended, with nothing since the beginning: it was sent before, and held back.
    var heldBack: Int {
        guard let sessionEnded, let head = stream.headAt else { return 0 }
        // What is sent together with the head may pass.
        let beginning = head + .milliseconds(50)
        guard !stream.arrivals.contains(where: { $0 >= beginning && $0 < sessionEnded }) else { return 0 }
        let late = stream.arrivals.count { $0 >= sessionEnded }
        // One alone may be a farewell.
        return late > 1 ? late : 0
    }
}

enum IdleInquiry {
    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        evidence.idle = await look(caller, for: evidence.watch, and: .seconds(2))
    }

    /// - Parameter rest: For the end of the stream, after that of the session, and for what comes with it.
    static func look(_ caller: Caller, for time: Duration, and rest: Duration) async -> IdleEvidence? {
        guard let opened = await caller.converse() else { return nil }
        return await withTaskGroup { group in
            group.addTask {
                await caller.client.pause(time)
                // Cancelled when the stream has ended by itself.
                guard !Task.isCancelled else { return Duration?.none }
                let now = caller.client.now
                await caller.delete(opened)
                return now
            }
            var seen = IdleEvidence(stream: await caller.listen(opened, for: time + rest))
            group.cancelAll()
            for await end in group { seen.sessionEnded = end }
            return seen
        }
    }
}
