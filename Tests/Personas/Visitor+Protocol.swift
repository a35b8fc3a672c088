import AsyncHTTPClient
import MCPProtocol
import NIOHTTP1
import Synchronization

/// The steps that most personas share.
extension Visitor {
    static let newest = "2025-11-25"

    func request(_ method: String, _ params: JSON? = nil, id: JSON) -> JSON {
        var members: [(String, JSON)] = [("jsonrpc", "2.0"), ("id", id), ("method", JSON(method))]
        if let params { members.append(("params", params)) }
        return .object(members)
    }

    func initialize(_ version: String = newest, name: String) -> JSON {
        let params: JSON = [
            "protocolVersion": JSON(version), "capabilities": [:], "clientInfo": ["name": JSON(name), "version": "1"],
        ]
        return request("initialize", params, id: 0)
    }

    /// `initialize` of somebody who has no token.
    func unauthenticated() -> HTTPClientRequest {
        post(initialize(name: "Anthropic/ClaudeAI"))
    }

    /// `initialize` and what follows it; nil when the server was away.
    func open(version: String = newest, name: String) async -> String? {
        guard case .answer(let answer, let session?) = checked(await send(initialize(version, name: name)), [503])
        else { return nil }
        if answer["result"]?["protocolVersion"]?.string != version { fault("initialize got \(answer)") }
        await initialized(session, version)
        await list(session, version)
        return session
    }

    func initialized(_ session: String?, _ version: String) async {
        let notification: JSON = ["jsonrpc": "2.0", "method": "notifications/initialized"]
        switch await send(notification, session: session, version: version) {
        case .accepted: tally.fine("accepted")
        case .broken: break
        case .refused(let status) where isAway(status): tally.fine("\(status)")
        case let reply: fault("initialized got \(reply)")
        }
    }

    @discardableResult
    func list(_ session: String?, _ version: String = newest, allowing statuses: Set<Int> = []) async -> Bool {
        let reply = checked(await send(request("tools/list", id: 1), session: session, version: version), statuses)
        guard case .answer(let answer, _) = reply else { return false }
        let tools = answer["result"]?["tools"]?.elements ?? []
        if !tools.contains(where: { $0["name"]?.string == "echo" }) { fault("a list of \(tools.count) tools") }
        return true
    }

    /// A call whose result is known; the id is the client's, and may be anything.
    @discardableResult
    func call(
        _ tool: Tool, _ session: String?, _ version: String = newest, id: JSON = 2, allowing statuses: Set<Int> = []
    ) async -> Ledger.Fate {
        let (name, arguments, expected) = tool.call(isFront: options.isFront)
        var params: [(String, JSON)] = [("name", JSON(name)), ("arguments", arguments)]
        if case .stream = tool { params.append(("_meta", ["progressToken": id])) }
        let message = request("tools/call", .object(params), id: id)
        switch checked(await send(message, session: session, version: version), statuses) {
        case .answer(let answer, _):
            if answer["result"]?["content"]?.elements?.first?["text"]?.string == expected { return .answered }
            let isAway = options.deploys && answer["error"] != nil
            if isAway { tally.note("error at a restart") } else { fault("\(name) got \(answer)") }
            return .unknown
        // Whoever says so has not begun.
        case .refused(404), .refused(429), .refused(503): return .refused
        case .refused, .accepted, .broken: return .unknown
        }
    }

    /// A call that leaves a line where it is carried out.
    func record(
        _ session: String?, _ version: String = newest, id: JSON = 4, allowing statuses: Set<Int> = []
    ) async {
        guard let ledger = stage.ledger else { return }
        let line = ledger.line(persona)
        ledger.settle(line, await call(.record(line, ledger.file), session, version, id: id, allowing: statuses))
    }

    func get(_ url: String, expecting statuses: Set<Int>) async {
        guard let status = await status(request(.GET, url)) else { return }
        let isFine = statuses.contains(status) || isAway(status)
        if isFine { tally.fine("\(status)") } else { fault("GET \(url) got \(status)") }
    }

    func delete(_ session: String?) async {
        switch await status(request(.DELETE, session: session)) {
        case 200: tally.fine("deleted")
        case nil: break
        case let status? where isAway(status): tally.fine("\(status)")
        case let status?: fault("DELETE got \(status)")
        }
    }

    /// Counts an answer, and whether a refusal is one of those that may be.
    func checked(_ reply: Reply, _ allowed: Set<Int>) -> Reply {
        switch reply {
        case .answer: tally.fine("answered")
        case .refused(let status):
            // Answers that are none were faults where they were read.
            if status == 200 { return reply }
            if allowed.contains(status) || isAway(status) { tally.fine("\(status)") } else { fault("status \(status)") }
        case .accepted: fault("202 to a request")
        case .broken: break
        }
        return reply
    }
}

/// A tool of the fixture, and its like at the server behind.
enum Tool {
    case echo(String)
    case takeTime(milliseconds: Int)
    case stream(steps: Int)
    /// Writes the line into the file.
    case record(String, String)

    func call(isFront: Bool) -> (name: String, arguments: JSON, text: String) {
        switch self {
        case .echo(let text): ("echo", ["text": JSON(text)], text)
        case .takeTime(let milliseconds):
            isFront
                ? ("slow", ["seconds": JSON(Double(milliseconds) / 1000)], "slept \(Double(milliseconds) / 1000)")
                : ("sleep", ["ms": JSON(milliseconds)], "slept \(milliseconds)")
        case .stream(let steps):
            isFront
                ? ("count", ["steps": JSON(steps)], "counted \(steps)")
                : ("stream", ["n": JSON(steps), "everyMs": 10], "streamed \(steps)")
        case .record(let line, let file): ("record", ["line": JSON(line), "file": JSON(file)], "recorded")
        }
    }
}
