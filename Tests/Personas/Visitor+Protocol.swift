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

    /// `initialize` and what follows it; nil when the server was away.
    func open(version: String = newest, name: String) async -> String? {
        let params: JSON = [
            "protocolVersion": JSON(version), "capabilities": [:], "clientInfo": ["name": JSON(name), "version": "1"],
        ]
        guard case .answer(let answer, let session?) = checked(await send(request("initialize", params, id: 0)), [503])
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
        case .refused(let status) where [404, 503, 502].contains(status) && options.deploys: tally.fine("\(status)")
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
    func call(
        _ tool: Tool, _ session: String?, _ version: String = newest, id: JSON = 2, allowing statuses: Set<Int> = []
    ) async {
        let (name, arguments, expected) = tool.call(isFront: options.isFront)
        var params: [(String, JSON)] = [("name", JSON(name)), ("arguments", arguments)]
        if case .stream = tool { params.append(("_meta", ["progressToken": id])) }
        let message = request("tools/call", .object(params), id: id)
        guard case .answer(let answer, _) = checked(await send(message, session: session, version: version), statuses)
        else { return }
        let text = answer["result"]?["content"]?.elements?.first?["text"]?.string
        if text != expected {
            let isAway = options.deploys && answer["error"] != nil
            if isAway { tally.fine("error at a restart") } else { fault("\(name) got \(answer)") }
        }
    }

    /// Calls the tool that counts its caller's calls: a call that was lost, or carried out twice, shows in it.
    func number(_ session: String? = nil) async -> Int? {
        let message = request("tools/call", ["name": "count", "arguments": [:]], id: 3)
        guard case .answer(let answer, _) = checked(await send(message, session: session), []) else { return nil }
        let number = answer["result"]?["content"]?.elements?.first?["text"]?.string.flatMap { Int($0) }
        if number == nil { fault("count got \(answer)") }
        return number
    }

    func delete(_ session: String?) async {
        switch await status(request(.DELETE, session: session)) {
        case 200: tally.fine("deleted")
        case nil: break
        case let status? where options.deploys && [502, 503, 504].contains(status): tally.fine("\(status)")
        case let status?: fault("DELETE got \(status)")
        }
    }

    /// Counts an answer, and whether a refusal is one of those that may be.
    func checked(_ reply: Reply, _ allowed: Set<Int>) -> Reply {
        switch reply {
        case .answer: tally.fine("answered")
        case .refused(let status):
            // Answers that are none were counted where they were read.
            if status == 200 { break }
            let away: Set<Int> = options.deploys ? [502, 503, 504] : []
            if allowed.union(away).contains(status) { tally.fine("\(status)") } else { fault("status \(status)") }
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
        }
    }
}
