import Logging
import MCPEngine
import MCPProtocol
import Synchronization

/// A server behind, and the line to it: it answers late and out of order, asks, dies, forgets its sessions, says nothing.
final class FarServer: UpstreamTransport {
    let run: Run
    let behind: Plan.Behind
    private let faultCount = Atomic(0)

    init(_ run: Run, _ behind: Plan.Behind) {
        self.run = run
        self.behind = behind
    }

    var hasStreamPerRequest: Bool { !behind.isPipe }
    var probeTime: Duration { .milliseconds(200) }

    /// Whether anything went wrong with it so far.
    var hasFailed: Bool { faultCount.load(ordering: .relaxed) > 0 }

    func failed(_ how: String) {
        faultCount.add(1, ordering: .relaxed)
        run.witness.reach("upstream fault \(how)")
        run.witness.tell("the server behind: \(how)")
    }

    func open(
        on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
    ) async throws(LinkFailure) -> any UpstreamLink {
        do { try await run.pause(run.dice.milliseconds(20)) } catch {
            throw LinkFailure(.closed, mayHaveBegun: false, "opening it was given up")
        }
        if run.dice.percent(behind.faults) {
            failed("unreachable")
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
