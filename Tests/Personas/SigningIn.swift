import AsyncHTTPClient
import Crypto
import Foundation
import MCPProtocol
import NIOCore
import NIOHTTP1

/// How an application comes to a connection: from the first refusal, over what it reads about the server and the forms
/// that a person fills in, to tokens.
struct SigningIn: Sendable {
    private struct Unsound: Error {}

    private let visitor: Visitor
    private let application: Application

    init(_ visitor: Visitor, _ application: Application) {
        // Not the client that calls, but what claude.ai reads and registers with.
        self.visitor = visitor.with(agent: "python-httpx/0.28.1")
        self.application = application
    }

    /// Nil when it came to nothing, which was counted.
    func connect() async -> Connection? {
        do {
            let scope = try await challenge()
            let metadata = try await metadata()
            guard let endpoints = Endpoints(metadata) else { throw unsound("metadata without endpoints") }
            let client = try await client(metadata, endpoints)
            // A code whose answer was lost in a deploy is spent: the person begins again.
            for _ in 0..<5 {
                if let tokens = try await authorize(client, endpoints, scope) {
                    visitor.tally.note("connected")
                    return Connection(tokens, of: application, client: client, endpoints: endpoints)
                }
            }
            throw unsound("no code could be redeemed")
        } catch {
            return nil
        }
    }

    private func unsound(_ what: String) -> Unsound {
        visitor.fault("\(application.name): \(what)")
        return Unsound()
    }

    // MARK: Reading

    /// Where somebody without a token is sent, and what it should ask for.
    private func challenge() async throws -> String {
        let refusal = try await visitor.step(visitor.unauthenticated())
        let challenge = refusal.headers.first(name: "WWW-Authenticate") ?? ""
        guard refusal.status == 401, challenge.hasPrefix("Bearer "),
            let place = challenge.firstMatch(of: /resource_metadata="([^"]*)"/)?.1,
            let scope = challenge.firstMatch(of: /scope="([^"]*)"/)?.1
        else { throw unsound("initialize without a token got \(refusal.status), \(challenge)") }
        let options = visitor.options
        let wellKnown = options.origin + "/.well-known/oauth-protected-resource"
        // As claude.ai looks, so that each of them has to be right.
        for url in [String(place), wellKnown + options.path, wellKnown] {
            let document = try await visitor.step(HTTPClientRequest(url: url))
            guard document.status == 200, document.json?["resource"]?.string == options.url,
                document.json?["authorization_servers"]?.elements?.first?.string == options.origin
            else { throw unsound("\(url) got \(document)") }
        }
        return String(scope)
    }

    private func metadata() async throws -> JSON {
        var found: JSON = nil
        for name in application.metadata {
            let url = visitor.options.origin + "/.well-known/" + name
            let document = try await visitor.step(HTTPClientRequest(url: url))
            func lists(_ member: String, _ value: String) -> Bool {
                document.json?[member]?.elements?.contains { $0.string == value } == true
            }
            guard document.status == 200, let json = document.json, json["issuer"]?.string == visitor.options.origin,
                lists("code_challenge_methods_supported", "S256"), lists("scopes_supported", "offline_access"),
                lists("token_endpoint_auth_methods_supported", "none"),
                json["client_id_metadata_document_supported"]?.bool == true
            else { throw unsound("\(url) got \(document)") }
            found = json
        }
        return found
    }

    // MARK: Being known

    private func client(_ metadata: JSON, _ endpoints: Endpoints) async throws -> String {
        if let document = application.document, let place = visitor.options.documents { return "\(place)/\(document)" }
        let registration: JSON = [
            "client_name": JSON(application.name), "redirect_uris": [JSON(application.redirect)],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        ]
        var request = HTTPClientRequest(url: endpoints.registration)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: Array(registration.bytes)))
        let reply = try await visitor.step(request)
        guard reply.status == 201, let id = reply.json?["client_id"]?.string else {
            throw unsound("a registration got \(reply.status): \(reply.error)")
        }
        return id
    }

    // MARK: Being allowed

    /// Nil when the code was lost.
    private func authorize(_ client: String, _ endpoints: Endpoints, _ scope: String) async throws
        -> Connection.Tokens?
    {
        let verifier = Self.random()
        let state = Self.random()
        let query = HTTPClientRequest.query([
            ("response_type", "code"), ("client_id", client), ("redirect_uri", application.redirect),
            ("state", state), ("code_challenge", Self.base64URL(SHA256.hash(data: Data(verifier.utf8)))),
            ("code_challenge_method", "S256"), ("resource", visitor.options.url), ("scope", scope + " offline_access"),
        ])
        let back = try await allow(endpoints.authorization + "?" + query)
        let answer = Dictionary(
            (URLComponents(string: back)?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
        guard back.hasPrefix(application.redirect + "?"), answer["state"] == state,
            answer["iss"] == endpoints.issuer, let code = answer["code"]
        else { throw unsound("the browser was sent to \(back)") }
        let form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", application.redirect),
            ("client_id", client), ("code_verifier", verifier), ("resource", visitor.options.url),
        ]
        let reply = try await visitor.step(.form(endpoints.token, form))
        if let tokens = reply.tokens { return tokens }
        if reply.wasTriedBefore, reply.error == "invalid_grant" { return nil }
        throw unsound("a code got \(reply.status): \(reply.error)")
    }

    /// What the person does in the browser; where it is sent at the end.
    private func allow(_ url: String) async throws -> String {
        let options = visitor.options
        var browser = Browser(visitor)
        let first = try await browser.get(url)
        guard let entrance = Form(in: first.text, to: "/sign-in") else { throw unsound("no form to sign in: \(first)") }
        let name = [("username", options.users.randomElement() ?? ""), ("password", options.password)]
        let signedIn = try await browser.submit(entrance, name)
        guard let next = signedIn.headers.first(name: "Location") else { throw unsound("not signed in: \(signedIn)") }
        let page = try await browser.get(next)
        guard let consent = Form(in: page.text, to: "/authorize") else { throw unsound("no form to consent: \(page)") }
        let approved = try await browser.submit(consent, [("approve", "yes")])
        guard let back = approved.headers.first(name: "Location") else { throw unsound("no way back: \(approved)") }
        return back
    }

    private static func random() -> String {
        base64URL((0..<48).map { _ in UInt8.random(in: 0...255) })
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
