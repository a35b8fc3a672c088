package import MCPProtocol

/// What a client says of itself, in a registration (RFC 7591, 2) or in a document at its id.
package struct ClientMetadata: Equatable, Sendable {
    package var name: String?
    package var redirectURIs: [String]
    package var authentication: OAuthClient.Authentication
    package var keys: ClientKeys?
    package var refreshes: Bool

    package static let mostRedirectURIs = 32

    /// A member that is null counts as absent; members that are of no use here are passed over.
    /// - Throws: ``OAuthError`` for a client that could not work.
    package init(_ json: JSON) throws(OAuthError) {
        guard json.kind == .object else { throw Self.bad("The metadata is not a JSON object") }
        name = try Self.text(json, "client_name").flatMap(Self.displayable)
        redirectURIs = try Self.texts(json, "redirect_uris") ?? []
        guard !redirectURIs.isEmpty else {
            throw OAuthError(.invalidRedirectURI, "redirect_uris must hold at least one URI")
        }
        guard redirectURIs.count <= Self.mostRedirectURIs else {
            throw OAuthError(.invalidRedirectURI, "redirect_uris holds more than \(Self.mostRedirectURIs)")
        }
        guard redirectURIs.allSatisfy({ RedirectURI($0) != nil }) else {
            throw OAuthError(
                .invalidRedirectURI,
                "A redirect URI must be https, http to localhost, 127.0.0.1 or [::1], or a private scheme followed by "
                    + "a slash; without a fragment, a user or a wildcard")
        }
        let way = try Self.text(json, "token_endpoint_auth_method") ?? OAuthClient.Authentication.none.rawValue
        guard let authentication = OAuthClient.Authentication(rawValue: way) else {
            throw Self.bad(
                "token_endpoint_auth_method must be none, private_key_jwt, client_secret_post or client_secret_basic")
        }
        self.authentication = authentication
        if authentication == .privateKey { keys = try Self.keys(json) }
        let grants = try Self.texts(json, "grant_types") ?? ["authorization_code", "refresh_token"]
        guard grants.contains("authorization_code") else {
            throw Self.bad("grant_types must hold authorization_code, the only way to begin here")
        }
        refreshes = grants.contains("refresh_token")
        if let responses = try Self.texts(json, "response_types"), !responses.contains("code") {
            throw Self.bad("response_types must hold code")
        }
    }

    private static func bad(_ description: String) -> OAuthError { OAuthError(.invalidClientMetadata, description) }

    private static func keys(_ json: JSON) throws(OAuthError) -> ClientKeys {
        let place = try text(json, "jwks_uri")
        if let set = json["jwks"], !set.isNull {
            guard place == nil, set["keys"]?.kind == .array else {
                throw bad("jwks must be an object with an array keys, without a jwks_uri beside it")
            }
            return .held(set.detached())
        }
        guard let place, ClientDocument.isURL(place, allowsLoopback: true) else {
            throw bad("private_key_jwt needs jwks, or an https URL as jwks_uri")
        }
        return .at(place)
    }

    private static func text(_ json: JSON, _ name: String) throws(OAuthError) -> String? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.string else { throw bad("\(name) must be a string") }
        return text
    }

    private static func texts(_ json: JSON, _ name: String) throws(OAuthError) -> [String]? {
        guard let value = json[name], !value.isNull else { return nil }
        let texts = value.elements?.compactMap(\.string)
        guard let texts, texts.count == value.count else { throw bad("\(name) must be an array of strings") }
        return texts
    }

    /// One line of at most 80 characters, without what would turn the reading direction around.
    private static func displayable(_ name: String) -> String? {
        let scalars = name.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(80))
    }
}
