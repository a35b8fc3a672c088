import MCPProtocol
import Synchronization

/// Sessions that end while requests run: what a client does when a chat is left, many times over.
struct RaceInquiry: Sendable {
    private static let width = 4
    /// In so many rounds the requests that come later are sent too.
    private static let later = 4

    /// In every third round a stream is open on the session and DELETE comes after the request, as real clients have it;
    /// in every other of these, only when the answer has begun.
    private static func isListening(_ number: Int) -> Bool { number % 3 == 1 }
    private static func isWaiting(_ number: Int) -> Bool { number % 6 == 1 }

    private let caller: Caller
    private let tool: String?
    private let rounds: Int
    private let time: Duration
    private let patience: Duration
    private let spread: Duration

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard evidence.conversation != nil, let tools = evidence.tools, let first = tools.first else { return }
        let isAggressive = evidence.isAggressive
        // The quickest list seen: one that took longer was not yet warm.
        let usual = [first, tools.again].compactMap { $0?.reply.firstByte }.min() ?? .zero
        let inquiry = RaceInquiry(
            caller: caller,
            tool: evidence.results?.first { $0.answer.result != nil && $0.answer.reply.took < .seconds(1) }?.tool,
            rounds: isAggressive ? 400 : 60, time: .seconds(isAggressive ? 60 : 4),
            patience: max(.seconds(4), usual * 3), spread: min(max(.milliseconds(6), usual), .milliseconds(250)))
        evidence.race = await inquiry.race(evidence.seed)
    }

    private func race(_ seed: UInt64) async -> RaceEvidence {
        var found = RaceEvidence(seed: seed, spread: spread, tool: tool)
        found.control = await control()
        let until = caller.client.now + time
        var generator = SeededGenerator(seed: seed)
        var next = 0
        await withTaskGroup(of: [RaceEvidence.Trial].self) { group in
            func begin() {
                let round = next
                next += 1
                let unit = Double(generator.next() >> 11) / Double(1 << 53)
                let offset = spread * (unit * 2 - 1)
                group.addTask { await self.round(round, offset) }
            }
            while next < min(Self.width, rounds) { begin() }
            for await trials in group {
                if !trials.isEmpty { found.rounds += 1 }
                found.trials += trials
                found.wasThrottled = found.wasThrottled || trials.contains { $0.saw.hasPrefix("HTTP 429") }
                // A server that loses nothing is not worn out; one that keeps requests hanging is known by a few.
                let isEnough = found.wasThrottled || found.count(.hung) > 12
                if next < rounds, caller.client.now < until, !isEnough, !caller.client.isOutOfTime { begin() }
            }
        }
        found.trials.sort { ($0.round, $0.sent) < ($1.round, $1.sent) }
        return found
    }

    /// - Parameter offset: DELETE is sent so much after the request; before it, when negative.
    private func round(_ number: Int, _ offset: Duration) async -> [RaceEvidence.Trial] {
        guard let old = await caller.converse().map(\.impatient) else { return [] }
        guard Self.isListening(number) else { return await end(old, number, offset).trials }
        let begun = Signal()
        // It is looked at for long enough to see what DELETE does to it.
        async let listening = caller.listen(
            old, for: spread + .milliseconds(300), within: .milliseconds(500), begun: begun)
        await begun.wait()
        var (start, trials) = await end(old, number, offset < .zero ? .zero - offset : offset)
        let stream = await listening
        if stream.status == 200, stream.isEventStream {
            trials.append(
                RaceEvidence.Trial(
                    round: number, role: .stream, fate: stream.isBroken ? .lost : .answered, sent: stream.sent - start,
                    ended: stream.ended - start, saw: stream.words))
        }
        return trials
    }

    /// Ends a session while it is asked for something.
    /// - Returns: When DELETE was sent, and what became of everything.
    private func end(
        _ old: Caller.Manner, _ number: Int, _ offset: Duration
    ) async -> (start: Duration, trials: [RaceEvidence.Trial]) {
        let ending = Mutex(Duration.zero)
        let answering = Self.isWaiting(number) ? Signal() : nil
        async let asking = atTheSameTime(number, old, after: answering == nil ? .zero - offset : .zero, answering)
        async let deleting = delete(old, after: answering == nil ? offset : .zero, answering) { time in
            ending.withLock { $0 = time }
        }
        let reply = await deleting
        let start = ending.withLock { $0 }
        var trials = [
            RaceEvidence.Trial(
                round: number, role: .delete, fate: reply.fate, sent: .zero, ended: reply.ended - start,
                saw: reply.status.map { "HTTP \($0)" } ?? reply.silence)
        ]
        func add(_ role: RaceEvidence.Role, _ answer: Answer) {
            trials.append(
                RaceEvidence.Trial(
                    round: number, role: role, fate: RaceEvidence.Fate(answer), sent: answer.reply.sent - start,
                    ended: answer.reply.ended - start, saw: answer.words))
        }
        async let stale = caller.ask("tools/list", nil, old, within: patience)
        let opening = await caller.open(within: patience)
        if opening.answer.result == nil { add(.newAtOnce, opening.answer) }
        var fresh: Caller.Manner?
        if opening.answer.result != nil {
            fresh = opening.manner.impatient
            _ = await caller.notify("notifications/initialized", nil, opening.manner)
            add(.newAtOnce, await caller.ask("tools/list", nil, opening.manner.impatient, within: patience))
        }
        add(.oldAtOnce, await stale)
        let (role, answer) = await asking
        add(role, answer)
        if number < Self.later {
            await caller.client.pause(.seconds(2) - (caller.client.now - start))
            add(.oldLater, await caller.ask("tools/list", nil, old, within: patience))
            if let fresh { add(.newLater, await caller.ask("tools/list", nil, fresh, within: patience)) }
        }
        if let fresh, fresh.session != nil { await caller.delete(fresh) }
        return (start, trials)
    }

    private func atTheSameTime(
        _ number: Int, _ session: Caller.Manner, after wait: Duration, _ answering: Signal?
    ) async -> (RaceEvidence.Role, Answer) {
        await caller.client.pause(wait)
        if let tool, !number.isMultiple(of: 2) {
            let params: JSON = ["name": JSON(tool), "arguments": [:]]
            return (.call, await caller.ask("tools/call", params, session, within: patience, begun: answering))
        }
        return (.list, await caller.ask("tools/list", nil, session, within: patience, begun: answering))
    }

    private func delete(
        _ session: Caller.Manner, after wait: Duration, _ answering: Signal?, _ begins: @Sendable (Duration) -> Void
    ) async -> HTTPReply {
        await answering?.wait()
        await caller.client.pause(wait)
        begins(caller.client.now)
        return await caller.delete(session, within: patience)
    }

    /// The same load without an end, so that what is lost there is not put down to DELETE.
    private func control() async -> [RaceEvidence.Trial] {
        guard let session = await caller.converse().map(\.impatient) else { return [] }
        let start = caller.client.now
        let trials = await withTaskGroup { group in
            for number in 0..<8 {
                group.addTask {
                    let answer = await caller.ask("tools/list", nil, session, within: patience)
                    return RaceEvidence.Trial(
                        round: number, role: .list, fate: RaceEvidence.Fate(answer), sent: answer.reply.sent - start,
                        ended: answer.reply.ended - start, saw: answer.words)
                }
            }
            return await group.reduce(into: [RaceEvidence.Trial]()) { $0.append($1) }
        }
        if session.session != nil { await caller.delete(session) }
        return trials
    }
}

extension HTTPReply {
    /// Of a DELETE.
    fileprivate var fate: RaceEvidence.Fate {
        guard let status else { return end == .late ? .hung : .lost }
        return status >= 500 ? .lost : .answered
    }

    /// Of a stream that was listened on.
    fileprivate var words: String {
        switch end {
        case .complete: "it ended"
        case .broken(let trouble): trouble.words
        case .stopped, .late, .tooLarge: "it stayed open"
        }
    }
}

extension Caller.Manner {
    /// What is counted is asked once.
    fileprivate var impatient: Caller.Manner {
        var manner = self
        manner.isPatient = false
        return manner
    }
}
