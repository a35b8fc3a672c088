import Crypto
import FoundationEssentials
import Logging
import MCPProtocol

extension AuthorizationServer {
    /// RFC 7591, 3.
    /// - Throws: ``OAuthError``, ``StoreError``.
    package func register(_ body: [UInt8]) async throws -> ClientRegistration {
        guard let json = try? JSON(parsing: body, limits: JSON.Limits(depth: 16)) else {
            throw OAuthError(.invalidClientMetadata, "The body is not a JSON object")
        }
        let metadata = try ClientMetadata(json)
        let hasSecret = metadata.authentication == .secretPost || metadata.authentication == .secretBasic
        let secret = hasSecret ? RandomText.lowercase(50) : nil
        let now = time.date
        let client = OAuthClient(
            id: "hf-\(RandomText.lowercase(25))", kind: .registered, name: metadata.name,
            redirectURIs: metadata.redirectURIs, authentication: metadata.authentication,
            secretHash: secret.map { Array(SHA256.hash(data: Array($0.utf8))) }, keys: metadata.keys,
            refreshes: metadata.refreshes,
            created: now, expires: now + limits.registration.seconds)
        guard try await store.insert(client, keep: limits.registeredClients) else {
            logger.warning("oauth.registrations_full", metadata: ["most": "\(limits.registeredClients)"])
            throw OAuthError(.temporarilyUnavailable, "There is no room for another client now", retryAfter: 3600)
        }
        logger.info("oauth.client_registered", metadata: ["client": "\(client.id)"])
        return ClientRegistration(client: client, secret: secret)
    }

    /// RFC 7009, 2. What is unknown is as good as revoked.
    /// - Throws: ``OAuthError``, ``StoreError``.
    package func revoke(_ parameters: OAuthParameters, basic: String?) async throws {
        try parameters.requireSingle()
        let text = try parameters.required("token")
        let client = try await authenticate(parameters, basic: basic)
        guard let token = GrantSecret(parsing: text), token.kind != .code,
            let standing = try await store.standing(of: token.grant)
        else { return }
        guard standing.grant.machine.terms.client == client.id else {
            throw OAuthError(.invalidGrant, "This token was given to another client")
        }
        let (lifetimes, now) = (limits.grants, time.date)
        let change = try await store.change(token.grant) { $0.giveBack(token, lifetimes, at: now) }
        if let change, change.effect { log("oauth.revoked", change.grant, ["by": "client"]) }
    }
}
