/// What goes wrong between a client and the authorization server, in the words of the RFCs.
package struct OAuthError: Error, Equatable, Sendable {
    package enum Code: String, Sendable {
        // RFC 6749, 4.1.2.1 and 5.2
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unsupportedGrantType = "unsupported_grant_type"
        case unsupportedResponseType = "unsupported_response_type"
        case invalidScope = "invalid_scope"
        case accessDenied = "access_denied"
        case serverError = "server_error"
        case temporarilyUnavailable = "temporarily_unavailable"
        // RFC 7591, 3.2.2
        case invalidRedirectURI = "invalid_redirect_uri"
        case invalidClientMetadata = "invalid_client_metadata"
        // RFC 8707, 2
        case invalidTarget = "invalid_target"
        // OpenID Connect Core, 3.1.2.6
        case interactionRequired = "interaction_required"
        case requestNotSupported = "request_not_supported"
        case requestURINotSupported = "request_uri_not_supported"
    }

    package var code: Code
    /// For whoever wrote the client: printable ASCII without quotes and backslashes, and nothing that was sent.
    package var description: String
    /// In seconds, for what may go better later.
    package var retryAfter: Int?

    package init(_ code: Code, _ description: String, retryAfter: Int? = nil) {
        self.code = code
        self.description = description
        self.retryAfter = retryAfter
    }

    /// As an answer to a client's own request.
    package var status: Int {
        switch code {
        case .invalidClient: 401
        case .temporarilyUnavailable: 429
        case .serverError: 503
        default: 400
        }
    }

    package static let tooOften = OAuthError(
        .temporarilyUnavailable, "Too many requests for this connection; wait and try again", retryAfter: 10)
    /// The store cannot be reached.
    package static let unavailable = OAuthError(
        .serverError, "The server cannot look this up now; try again soon", retryAfter: 5)

    package static func missing(_ name: String) -> OAuthError { OAuthError(.invalidRequest, "\(name) is missing") }
}
