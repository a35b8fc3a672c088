import MCPProtocol
import NIOHTTP1

/// P9: two who have nothing in common but the address they come from and what they call themselves. One does everything
/// wrong; the other must not notice.
enum Chaos {
    /// More than one caller may have under way, where that is 48.
    private static let burst = 56

    static func visit(_ visitor: Visitor) async {
        let house = visitor.with(address: "203.0.113.\(Int.random(in: 1..<255))")
        // With a key that others have, one would be refused for what another does.
        guard let keys = visitor.stage.keys.takeTwo() else { return await visitor.rest(100) }
        await visit(house.with(credential: .key(keys.0)), beside: house.with(credential: .key(keys.1)))
        visitor.stage.keys.put(keys)
    }

    private static func visit(_ wild: Visitor, beside calm: Visitor) async {
        guard let session = await wild.open(name: "chaos"), let other = await calm.open(name: "chaos") else { return }
        async let living: Void = live(calm, other)
        async let prying: Void = pry(wild, other)
        await misbehave(wild, session)
        _ = await (living, prying)
        await calm.record(other)
        await calm.delete(other)
    }

    private static func live(_ visitor: Visitor, _ session: String) async {
        for round in 0..<3 {
            // With the ids that the other one uses.
            await visitor.call(.echo("calm \(round)"), session, id: 1)
            await visitor.record(session, id: 1)
            await visitor.list(session)
        }
    }

    /// D14: another's session does not exist, for any verb, and nothing happens to it.
    private static func pry(_ visitor: Visitor, _ session: String) async {
        for session in [session, String(repeating: "0", count: 32)] {
            for verb in ["DELETE", "GET"] {
                let request = visitor.request(.init(rawValue: verb), session: session, version: Visitor.newest)
                if let status = await visitor.status(request), !visitor.isAway(status) {
                    if status == 404 {
                        visitor.tally.fine("404")
                    } else {
                        visitor.fault("\(verb) of another's session got \(status)")
                    }
                }
            }
            if await visitor.call(.echo("mine?"), session, allowing: [404, 429]) == .answered {
                visitor.fault("called on another's session")
            }
        }
    }

    /// Cases D, N and S of the collection, in turn and at random moments: it leaves in the middle, deletes under its own calls, sends
    /// half a body, and more at once than it may.
    private static func misbehave(_ visitor: Visitor, _ session: String) async {
        switch visitor.stage.turns.next() % 6 {
        case 1:
            // D6: a call in flight when its session is deleted is answered, or found no session.
            async let call: Void = visitor.record(session, allowing: [404])
            async let slow = visitor.call(.takeTime(milliseconds: 80), session, allowing: [404])
            async let list = visitor.list(session, allowing: [404])
            await visitor.rest(Int.random(in: 0..<60))
            await visitor.delete(session)
            _ = await (call, slow, list)
            return
        case 0:
            // Beyond its bounds it is refused, and nobody else.
            await withDiscardingTaskGroup { group in
                for number in 0..<burst {
                    group.addTask {
                        await visitor.call(.takeTime(milliseconds: 1_500), session, id: JSON(number), allowing: [429])
                    }
                }
                for number in 0..<8 {
                    group.addTask { await visitor.record(session, id: JSON(number), allowing: [429]) }
                }
            }
        case 2:
            await visitor.leave(.takeTime(milliseconds: 400), session, after: Int.random(in: 0..<100))
            if let ledger = visitor.stage.ledger {
                let line = ledger.line(visitor.persona)
                await visitor.leave(.record(line, ledger.file), session, after: Int.random(in: 0..<20))
            }
        case 3: await visitor.sendHalf(session)
        case 4: for _ in 0..<5 { await visitor.listen(session, milliseconds: Int.random(in: 0..<20)) }
        default:
            // S11: equal ids, all at once.
            await withDiscardingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask { await visitor.call(.echo("equal \(number)"), session, id: 1) }
                }
                for _ in 0..<4 { group.addTask { await visitor.record(session, id: 1) } }
            }
        }
        await visitor.list(session)
        await visitor.delete(session)
    }
}
