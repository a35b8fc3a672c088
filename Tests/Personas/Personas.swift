import AsyncHTTPClient
import Foundation
import MCPProtocol
import NIOHTTP1

/// What clients in real use do, one function each: the recorded personas P1 to P9.
enum Personas {
    typealias Persona = (name: String, agent: String, visit: @Sendable (Visitor) async -> Void)

    /// With the `User-Agent` of each.
    static let all: [Persona] = [
        ("P1", "Claude-User", claude), ("P2", "claude-code/2.1.147", claudeCode), ("P3", "openai-mcp/1.0.0", chatGPT),
        ("P4", "Cursor/1.0", cursor), ("P5", "VSCode/1.105", code), ("P6", "mcp-remote/0.1", remote),
        ("P7", "inspector/2", inspector), ("P8", "old-client/1", old), ("P9", "chaos/1", Chaos.visit),
    ]

    /// A connector of claude.ai: probes, signing in, a verification, the toolbox beside it, two chats, calls, DELETE, and
    /// back again.
    static func claude(_ visitor: Visitor) async {
        await probe(visitor)
        await visitor.connected(through: .claude) { await connector($0) }
    }

    private static func connector(_ visitor: Visitor) async {
        guard let verified = await visitor.open(name: "Anthropic/ClaudeAI") else { return }
        if case .connection(let connection) = visitor.credential { await connection.renewTwiceAtOnce(visitor) }
        async let toolbox: Void = look(visitor)
        async let first: Void = chat(visitor, 1)
        async let second: Void = chat(visitor, 2)
        _ = await (toolbox, first, second)
        await visitor.delete(verified)
        await visitor.rest(20)
        // On the deleted id once more, as it does.
        await visitor.list(verified)
        if let session = await visitor.open(name: "claude-ai") { await visitor.delete(session) }
    }

    private static func look(_ visitor: Visitor) async {
        if let session = await visitor.open(name: "Anthropic/Toolbox") { await visitor.delete(session) }
    }

    private static func chat(_ visitor: Visitor, _ number: Int) async {
        guard let session = await visitor.open(name: "claude-ai") else { return }
        // From several addresses at once, with the same ids.
        async let first = visitor.call(.echo("first \(number)"), session, id: 1)
        async let second = visitor.call(.takeTime(milliseconds: 30), session, id: 1)
        async let third = visitor.call(.stream(steps: 3), session, id: 3)
        async let fourth: Void = visitor.record(session, id: 1)
        _ = await (first, second, third, fourth)
        await visitor.delete(session)
    }

    /// Before anything else, and now and then: is somebody there, and how does one sign in?
    private static func probe(_ visitor: Visitor) async {
        let stranger = visitor.with(agent: "Ruby", credential: Credential.none)
        await stranger.get(visitor.options.url, expecting: [405, 401])
        for place in ["oauth-protected-resource/mcp", "oauth-protected-resource", "oauth-authorization-server"] {
            await stranger.get("\(visitor.options.origin)/.well-known/\(place)", expecting: [200, 404])
        }
        guard visitor.credential.bearer != nil else { return }
        // It asks so again and again, also when somebody is signed in.
        if let status = await stranger.status(stranger.unauthenticated()), status != 401, !visitor.isAway(status) {
            visitor.fault("initialize without a token got \(status)")
        }
    }

    /// Looks for the newest era first; one 404 at the endpoint and the server has failed for it.
    static func claudeCode(_ visitor: Visitor) async {
        await discover(visitor)
        guard let session = await visitor.open(name: "claude-code") else { return }
        async let listening: Void = visitor.listen(session, milliseconds: 300)
        await visitor.call(.takeTime(milliseconds: 150), session)
        await visitor.call(.stream(steps: 5), session, id: "two")
        await visitor.record(session)
        _ = await listening
        await visitor.delete(session)
    }

    private static func discover(_ visitor: Visitor) async {
        let version = "2026-07-28"
        let meta: JSON = [
            "io.modelcontextprotocol/protocolVersion": JSON(version), "io.modelcontextprotocol/clientCapabilities": [:],
        ]
        func send(_ method: String, _ params: [(String, JSON)], name: String? = nil) async {
            let message = visitor.request(method, .object(params + [("_meta", meta)]), id: 9)
            var headers = [("Mcp-Method", method)]
            if let name { headers.append(("Mcp-Name", name)) }
            _ = visitor.checked(await visitor.send(message, version: version, more: headers), [])
        }
        await send("server/discover", [])
        await send("tools/list", [])
        await send("tools/call", [("name", "echo"), ("arguments", ["text": "new"])], name: "echo")
    }

    /// A session for each batch of calls; DELETE comes before the call, which goes to the deleted id.
    static func chatGPT(_ visitor: Visitor) async {
        await visitor.get(visitor.options.origin + "/.well-known/openid-configuration", expecting: [200, 404])
        await visitor.connected(through: .chatGPT) { visitor in
            guard let session = await visitor.open(version: "2025-06-18", name: "openai-mcp") else { return }
            await visitor.delete(session)
            await visitor.call(.echo("after"), session, "2025-06-18")
            await visitor.record(session, "2025-06-18")
        }
    }

    /// An idle GET that is given up and opened again; whatever is not 2xx on a POST is a failed server.
    static func cursor(_ visitor: Visitor) async {
        guard let session = await visitor.open(name: "Cursor") else { return }
        for round in 0..<3 {
            await visitor.listen(session, milliseconds: 60)
            await visitor.call(.echo("round \(round)"), session, id: JSON(round))
        }
        await visitor.delete(session)
    }

    /// Never begins again after a 404.
    static func code(_ visitor: Visitor) async {
        guard let session = await visitor.open(name: "Visual Studio Code") else { return }
        for round in 0..<6 {
            await visitor.call(.echo("\(round)"), session, id: JSON(round))
            await visitor.record(session, id: JSON(round))
            await visitor.rest(30)
        }
        await visitor.delete(session)
    }

    static func remote(_ visitor: Visitor) async {
        guard let session = await visitor.open(version: "2025-03-26", name: "mcp-remote") else { return }
        await visitor.call(.stream(steps: 2), session, "2025-03-26")
        await visitor.record(session, "2025-03-26")
        await visitor.delete(session)
    }

    /// In a browser, with a level for logs, and two goodbyes.
    static func inspector(_ visitor: Visitor) async {
        var preflight = visitor.request(.OPTIONS)
        preflight.headers.add(name: "Origin", value: "http://localhost:6274")
        preflight.headers.add(name: "Access-Control-Request-Method", value: "POST")
        if let status = await visitor.status(preflight), status != 204, !visitor.isAway(status) {
            visitor.fault("a preflight got \(status)")
        }
        guard let session = await visitor.open(name: "inspector-client") else { return }
        let level = visitor.request("logging/setLevel", ["level": "debug"], id: 5)
        _ = visitor.checked(await visitor.send(level, session: session), [])
        await visitor.call(.echo("inspected"), session)
        async let first: Void = visitor.delete(session)
        async let second: Void = visitor.delete(session)
        _ = await (first, second)
    }

    /// HTTP+SSE of 2024-11-05: one stream for all answers. Where it is not hosted there is nothing to visit.
    static func old(_ visitor: Visitor) async { await TwoEndpoints(visitor).visit() }
}
