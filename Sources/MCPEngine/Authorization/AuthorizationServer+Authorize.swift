import FoundationEssentials
import Logging

extension AuthorizationServer {
    /// Looks at what a client has sent a browser with (OAuth 2.1, 4.1.1).
    /// - Throws: ``StoreError``.
    package func consider(_ parameters: OAuthParameters) async throws -> AuthorizationOutcome {
        guard let id = parameters["client_id"] else {
            return .stopped(
                AuthorizationProblem(
                    .invalidRequest, "This link is not complete",
                    "For the application's developer: client_id is missing."))
        }
        let client: OAuthClient
        do { client = try await clients.client(id) } catch let fault as ClientFault {
            return .stopped(AuthorizationProblem(fault))
        }
        guard let redirect = redirect(parameters, of: client) else {
            return .stopped(
                AuthorizationProblem(
                    .invalidRequest, "The application wants you sent to an address that is not its own",
                    "You were not sent there. For its developer: redirect_uri must be exactly one of the URIs that the "
                        + "client has registered; only the port of a loopback address may differ."))
        }
        let state = parameters["state"]
        do throws(OAuthError) {
            try parameters.requireSingle()
            return .asked(try request(parameters, client, redirect, state))
        } catch {
            return .returned(answer(to: redirect, state: state, error))
        }
    }

    private func redirect(_ parameters: OAuthParameters, of client: OAuthClient) -> RedirectURI? {
        let registered = client.redirectURIs.compactMap { RedirectURI($0) }
        let given = parameters.all("redirect_uri")
        guard let text = given.first else {
            // With only one there is no doubt which is meant (OAuth 2.1, 4.1.1).
            return registered.count == 1 && client.redirectURIs.count == 1 ? registered[0] : nil
        }
        guard given.count == 1, let redirect = RedirectURI(text), registered.contains(where: redirect.matches) else {
            return nil
        }
        return redirect
    }

    private func request(
        _ parameters: OAuthParameters, _ client: OAuthClient, _ redirect: RedirectURI, _ state: String?
    ) throws(OAuthError) -> AuthorizationRequest {
        if parameters["request"] != nil { throw OAuthError(.requestNotSupported, "request is not taken here") }
        if parameters["request_uri"] != nil {
            throw OAuthError(.requestURINotSupported, "request_uri is not taken here")
        }
        guard try parameters.required("response_type") == "code" else {
            throw OAuthError(.unsupportedResponseType, "response_type must be code")
        }
        guard parameters["response_mode"] ?? "query" == "query" else {
            throw OAuthError(.invalidRequest, "response_mode must be query")
        }
        let challenge = try parameters.required("code_challenge")
        guard parameters["code_challenge_method"] == "S256" else {
            throw OAuthError(.invalidRequest, "code_challenge_method must be S256")
        }
        guard PKCE.isChallenge(challenge) else {
            throw OAuthError(.invalidRequest, "code_challenge must be 43 characters of base64url, as S256 makes them")
        }
        let resource = try resource(named: parameters.all("resource"))
        let scopes = try scopes(named: parameters["scope"])
        if parameters["prompt"] == "none" {
            throw OAuthError(.interactionRequired, "A person is always asked here; leave out prompt=none")
        }
        return AuthorizationRequest(
            client: client, redirect: redirect, state: state, challenge: challenge, resource: resource, scopes: scopes)
    }

    /// The person agrees. Returns where to send the browser, with a code.
    /// - Throws: ``StoreError``.
    package func approve(_ request: AuthorizationRequest, by user: UserRecord) async throws -> String {
        let now = time.date
        let id = RandomText.lowercase(25)
        let code = GrantSecret(.code, of: id, generation: 0, secret: RandomBytes.make(32))
        let terms = GrantTerms(
            user: user.id, client: request.client.id, redirectURI: request.redirect.text, challenge: request.challenge,
            resource: request.resource, scopes: request.scopes, refreshes: request.client.refreshes)
        let machine = GrantMachine(
            terms, key: RandomBytes.make(32), code: code, expires: now + limits.code.seconds, at: now)
        let grant = GrantRecord(clientName: request.client.name, created: now, machine: machine)
        try await store.insert(grant, perUser: limits.grantsPerUser)
        try await store.use(request.client.id, until: now + limits.grants.refresh.seconds)
        log("oauth.approved", grant, ["user": "\(user.name)"])
        return request.redirect.adding([("code", code.text), ("state", request.state), ("iss", identity.issuer)])
    }

    /// The person does not agree.
    package func deny(_ request: AuthorizationRequest) -> String {
        answer(to: request.redirect, state: request.state, OAuthError(.accessDenied, "The person has said no"))
    }

    private func answer(to redirect: RedirectURI, state: String?, _ error: OAuthError) -> String {
        redirect.adding([
            ("error", error.code.rawValue), ("error_description", error.description), ("state", state),
            ("iss", identity.issuer),
        ])
    }
}
