import Logging
import MCPEngine
import MCPProtocol
import Synchronization

/// A server behind, and the line to it: it answers late and out of order, asks, dies, forgets its sessions, says nothing.
final class FarServer: UpstreamTransport {
    let run: Run
    let behind: Plan.Behind
    private let state = Mutex(State())

    private struct State {
        /// When it failed, and when it forgot a conversation, which is then begun again at once.
        var failed: Duration?
        var forgot: [Duration] = []
        /// Conversations that are open, and those of them with as many requests in flight as they may have.
        var open = 0
        /// Requests that are neither answered nor given up.
        var pending = 0
        var full = 0
        /// When there was no room.
        var lastFull: Duration?
    }

    init(_ run: Run, _ behind: Plan.Behind) {
        self.run = run
        self.behind = behind
    }

    var hasStreamPerRequest: Bool { !behind.isPipe }
    var probeTime: Duration { .milliseconds(200) }

    /// Whether anything went wrong with it since then.
    func hasFailed(since moment: Duration) -> Bool { state.withLock { $0.failed.map { $0 >= moment } ?? false } }

    /// How often it has forgotten a conversation since then.
    func forgettings(since moment: Duration) -> Int { state.withLock { $0.forgot.count { $0 >= moment } } }

    func failed(_ how: String) {
        state.withLock { $0.failed = run.time.now }
        note(how)
    }

    func forgot() {
        state.withLock { $0.forgot.append(run.time.now) }
        note("forgot its session")
    }

    private func note(_ how: String) {
        run.witness.reach("upstream fault \(how)")
        run.witness.tell("the server behind: \(how)")
    }

    /// Whether it had no room at some time since then.
    func wasFull(since moment: Duration) -> Bool {
        state.withLock { state in
            state.full > 0 || state.open >= run.plan.upstream.conversations
                || state.lastFull.map { $0 >= moment } ?? false
        }
    }

    var open: Int { state.withLock { $0.open } }
    var pending: Int { state.withLock { $0.pending } }

    /// The number of conversations, of those without room, or of requests in all of them, is another one.
    func count(open: Int = 0, full: Int = 0, pending: Int = 0) {
        state.withLock { state in
            let wasFull = state.full > 0 || state.open >= run.plan.upstream.conversations
            (state.open, state.full) = (state.open + open, state.full + full)
            state.pending += pending
            if wasFull { state.lastFull = run.time.now }
        }
    }

    func open(
        on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
    ) async throws(LinkFailure) -> any UpstreamLink {
        count(open: 1)
        do { try await run.pause(run.dice.milliseconds(20)) } catch {
            count(open: -1)
            throw LinkFailure(.closed, mayHaveBegun: false, "opening it was given up")
        }
        if run.dice.percent(behind.faults) {
            failed("unreachable")
            count(open: -1)
            throw LinkFailure(.unreachable, mayHaveBegun: false, "it cannot be reached")
        }
        return FarLink(self, host, receiver)
    }

    // MARK: What it says

    /// Nil when it has nothing to say.
    func result(of method: String, _ params: JSON?) -> JSON? {
        switch method {
        case Method.initialize:
            behind.era == .perRequest
                ? nil
                : [
                    "protocolVersion": "2025-06-18", "capabilities": ["tools": ["listChanged": true]],
                    "serverInfo": ["name": "far", "version": "1"],
                ]
        case Method.serverDiscover:
            behind.era == .handshake
                ? nil
                : [
                    "resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": ["tools": [:]],
                    "serverInfo": ["name": "far", "version": "1"],
                ]
        case Method.toolsList:
            [
                "tools": [
                    tool(.read, ["readOnlyHint": true]), tool(.work, ["readOnlyHint": false]), tool(.question, [:]),
                ]
            ]
        case Method.ping: [:]
        default: nil
        }
    }

    private func tool(_ kind: Ticket.Kind, _ annotations: JSON) -> JSON {
        ["name": JSON(kind.rawValue), "inputSchema": ["type": "object"], "annotations": annotations]
    }

    func text(_ text: String, isError: Bool = false) -> JSON {
        let content: JSON = [["type": "text", "text": JSON(text)]]
        return ["resultType": "complete", "content": content, "isError": JSON(isError)]
    }
}
