import MCPProtocol
import NIOHTTP1

/// Ends of sessions that are not as in a book: twice, hung up on, with a body, of none, by nobody.
struct OddEnds: Sendable {
    /// Two at the same time, then a third.
    var twice: [HTTPReply] = []
    /// A list on the session whose end was hung up on, and on a new one.
    var hungUp: Answer?
    var afterHangUp: Answer?
    /// With `{}`, and with an empty body in chunks.
    var withBody: HTTPReply?
    var inChunks: HTTPReply?
    /// A request after each, on the same connection.
    var afterBody: [Answer] = []
    /// Of what is no session: without an id, with one that nobody has, with a long one.
    var ofNone: [HTTPReply] = []
    /// Where a token is wanted, without it: a list, DELETE, and then a list with the token.
    var byNobody: (list: Answer, delete: HTTPReply, afterwards: Answer)?

    static func look(_ caller: Caller, seed: UInt64, isProtected: Bool) async -> OddEnds {
        var found = OddEnds()
        if let session = await caller.converse() { found.twice = await twice(caller, session) }
        await found.hangUp(caller)
        await found.sendBodies(caller)
        for id in [nil, SessionInquiry.invented(seed &+ 1), String(repeating: "x", count: 4096)] {
            found.ofNone.append(await caller.delete(Caller.Manner(session: id)))
        }
        if isProtected { await found.leaveOutToken(caller) }
        return found
    }

    private static func twice(_ caller: Caller, _ session: Caller.Manner) async -> [HTTPReply] {
        async let first = caller.delete(session)
        async let second = caller.delete(session)
        let both = await [first, second]
        return both + [await caller.delete(session)]
    }

    /// Sends DELETE and is gone before the answer.
    private mutating func hangUp(_ caller: Caller) async {
        guard let session = await caller.converse() else { return }
        guard await caller.client.hangUp(after: caller.deletion(session), to: caller.target) else { return }
        hungUp = await caller.ask("tools/list", nil, session)
        // Whether that session has ended is the server's matter.
        await caller.delete(session)
        afterHangUp = await anew(caller)
        guard afterHangUp?.result == nil else { return }
        // What is over in a moment is no damage.
        await caller.client.pause(.milliseconds(500))
        afterHangUp = await anew(caller)
    }

    private func anew(_ caller: Caller) async -> Answer {
        let opening = await caller.open()
        guard opening.answer.result != nil else { return opening.answer }
        _ = await caller.notify("notifications/initialized", nil, opening.manner)
        return await caller.ask("tools/list", nil, opening.manner)
    }

    /// A session id is no token.
    private mutating func leaveOutToken(_ caller: Caller) async {
        guard let session = await caller.converse() else { return }
        var nobody = session
        nobody.isAuthorized = false
        let list = await caller.ask("tools/list", nil, nobody)
        let delete = await caller.client.send(caller.deletion(nobody), within: .seconds(6))
        byNobody = (list, delete, await caller.ask("tools/list", nil, session))
    }

    /// On one connection: what the server leaves unread is in the way of the next request.
    private mutating func sendBodies(_ caller: Caller) async {
        let single = caller.onOneConnection()
        for isChunked in [false, true] {
            guard let session = await single.converse() else { break }
            var deletion = single.deletion(session)
            deletion.body = isChunked ? [] : Array("{}".utf8)
            deletion.isChunked = isChunked
            if !isChunked { deletion.headers.append(("Content-Type", "application/json")) }
            let reply = await single.client.send(deletion, within: .seconds(6))
            if isChunked { inChunks = reply } else { withBody = reply }
            afterBody.append(await single.open().answer)
        }
        await single.client.shutdown()
    }
}
