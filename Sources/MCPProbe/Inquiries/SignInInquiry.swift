import MCPProtocol
import NIOHTTP1

/// What the endpoints of the authorization server say to somebody whom they do not know.
struct SignInEvidence: Sendable {
    /// To a code that it never issued.
    var token: HTTPReply?
    /// To a browser that a stranger sent, with an address to come back to that nobody registered.
    var authorize: HTTPReply?
    /// To a new client; only when the probe is aggressive.
    var registration: HTTPReply?
}

/// Signs in as far as nobody is needed for it: every request is one that must be refused, but for a registration.
enum SignInInquiry {
    static let strange = "https://holdfast-probe.example/callback"
    private static let name = "holdfast-probe"
    private static let claude = "https://claude.ai/api/mcp/auth_callback"
    /// Of the right form, and the digest of nothing in particular.
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    static func look(_ caller: Caller, _ metadata: JSON, isAggressive: Bool) async -> SignInEvidence {
        var found = SignInEvidence()
        if let url = endpoint("token_endpoint", metadata) { found.token = await token(caller, url) }
        if let url = endpoint("authorization_endpoint", metadata) {
            let query = form([
                ("response_type", "code"), ("client_id", name), ("redirect_uri", strange), ("state", name),
                ("code_challenge", challenge), ("code_challenge_method", "S256"),
            ])
            found.authorize = await caller.fetch(url + (url.contains("?") ? "&" : "?") + query, headers: [html])
        }
        if isAggressive, let url = endpoint("registration_endpoint", metadata) {
            found.registration = await register(caller, url)
        }
        return found
    }

    private static let html: (name: String, value: String) = ("Accept", "text/html")

    private static func endpoint(_ name: String, _ metadata: JSON) -> String? {
        metadata[name]?.string.flatMap(ProbeTarget.init)?.url
    }

    private static func token(_ caller: Caller, _ url: String) async -> HTTPReply {
        let body = form([
            ("grant_type", "authorization_code"), ("code", name), ("redirect_uri", claude), ("client_id", name),
            ("code_verifier", challenge),
        ])
        return await caller.fetch(
            url, method: .POST, headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array(body.utf8)
        )
    }

    /// Registers a client as Claude does, and removes it where the server says how.
    private static func register(_ caller: Caller, _ url: String) async -> HTTPReply {
        let client: JSON = [
            "client_name": JSON(name), "redirect_uris": [JSON(claude)],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        ]
        let reply = await caller.fetch(
            url, method: .POST, headers: [("Content-Type", "application/json")], body: Array(client.bytes))
        if let made = try? JSON(parsing: reply.body), let place = endpoint("registration_client_uri", made),
            let token = made["registration_access_token"]?.string, token.isVisible
        {
            _ = await caller.fetch(place, method: .DELETE, headers: [("Authorization", "Bearer \(token)")])
        }
        return reply
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\($0)=\($1.utf8.map(escaped).joined())" }.joined(separator: "&")
    }

    private static func escaped(_ byte: UInt8) -> String {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: String(UnicodeScalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
