import AsyncHTTPClient
import MCPProtocol
import NIOHTTP1
import Synchronization

/// An application's connection to a person's account: its tokens, and the way to new ones.
final class Connection: Sendable {
    struct Tokens: Sendable, Equatable {
        var access: String
        var refresh: String
    }

    private struct State {
        var tokens: Tokens
        /// How often they were replaced.
        var generation = 0
        var uses = 0
    }

    let application: Application
    let client: String
    private let endpoints: Endpoints
    private let state: Mutex<State>

    init(_ tokens: Tokens, of application: Application, client: String, endpoints: Endpoints) {
        self.application = application
        self.client = client
        self.endpoints = endpoints
        state = Mutex(State(tokens: tokens))
    }

    var access: String { state.withLock { $0.tokens.access } }

    /// One more use; how many there were before.
    func use() -> Int {
        state.withLock { state in
            state.uses += 1
            return state.uses - 1
        }
    }

    /// When an access token is refused. Several of the application's parts may notice at once, and all of them renew.
    func renew(after access: String, _ visitor: Visitor) async {
        let before = state.withLock { $0 }
        // One of the others was here already.
        guard before.tokens.access == access else { return }
        await renew(from: before, visitor)
    }

    /// Two parts renew at the same time, with the same token.
    func renewTwiceAtOnce(_ visitor: Visitor) async {
        let before = state.withLock { $0 }
        async let first: Void = renew(from: before, visitor)
        async let second: Void = renew(from: before, visitor)
        _ = await (first, second)
    }

    private func renew(from before: State, _ visitor: Visitor) async {
        let form = [
            ("grant_type", "refresh_token"), ("refresh_token", before.tokens.refresh), ("client_id", client),
            ("resource", visitor.options.url),
        ]
        // Renewing may take longer than the other steps.
        guard let reply = try? await visitor.step(.form(endpoints.token, form), within: 30) else { return }
        guard let new = reply.tokens else { return visitor.fault("a refresh got \(reply.status): \(reply.error)") }
        let isOther = state.withLock { state in
            if state.generation == before.generation {
                state.tokens = new
                state.generation += 1
            }
            return state.generation == before.generation + 1 && state.tokens != new
        }
        if isOther {
            visitor.fault("two refreshes with one token got different ones")
        } else {
            visitor.tally.fine("renewed")
        }
    }

    /// Gives everything back; the access token opens nothing then.
    func end(_ visitor: Visitor) async {
        let refresh = state.withLock { $0.tokens.refresh }
        let form = [("token", refresh), ("client_id", client)]
        guard let reply = try? await visitor.step(.form(endpoints.revocation, form)) else { return }
        if reply.status != 200 { visitor.fault("a revocation got \(reply.status)") }
    }
}

/// The connections that nobody uses now: who comes back, the next day as it were, need not sign in.
final class Connections: Sendable {
    private let free = Mutex<[String: [Connection]]>([:])

    func take(_ application: Application) -> Connection? { free.withLock { $0[application.name]?.popLast() } }
    func put(_ connection: Connection) {
        free.withLock { $0[connection.application.name, default: []].append(connection) }
    }
}

/// Where an authorization server is asked for what.
struct Endpoints: Sendable {
    let issuer: String
    let authorization: String
    let token: String
    let revocation: String
    let registration: String

    init?(_ metadata: JSON) {
        func url(_ name: String) -> String? { metadata[name]?.string }
        guard let issuer = url("issuer"), let authorization = url("authorization_endpoint"),
            let token = url("token_endpoint"), let revocation = url("revocation_endpoint"),
            let registration = url("registration_endpoint")
        else { return nil }
        self.issuer = issuer
        self.authorization = authorization
        self.token = token
        self.revocation = revocation
        self.registration = registration
    }
}
