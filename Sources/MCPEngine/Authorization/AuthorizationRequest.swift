/// What a client asks of a person, found to be in order.
package struct AuthorizationRequest: Sendable {
    package var client: OAuthClient
    package var redirect: RedirectURI
    package var state: String?
    package var challenge: String
    /// One of ``AuthorizationServer/Identity/resources``.
    package var resource: String
    package var scopes: [String]
}

/// What comes of a request that a browser was sent with.
package enum AuthorizationOutcome: Sendable {
    /// A person is to be asked.
    case asked(AuthorizationRequest)
    /// To be sent back to the client with an error, to this URL.
    case returned(String)
    /// To be told to the person: nobody knows where to send the browser, or it would be dangerous.
    case stopped(AuthorizationProblem)
}

/// Why a browser cannot be sent back, in words for the person and for whoever runs the client.
package struct AuthorizationProblem: Sendable, Equatable {
    package var code: OAuthError.Code
    package var headline: String
    /// Whose it is to mend, and how.
    package var detail: String

    init(_ code: OAuthError.Code, _ headline: String, _ detail: String) {
        self.code = code
        self.headline = headline
        self.detail = detail
    }

    init(_ fault: ClientFault) {
        switch fault {
        case .unknown:
            self.init(
                .invalidClient, "This application is not known here",
                "It may have been forgotten after a long time without use. Remove the connection in the application and "
                    + "add it again; it will then make itself known anew. For its developer: client_id is unknown.")
        case .noDocuments:
            self.init(
                .invalidClient, "This application is not known here",
                "For whoever runs this server: the client_id is the URL of a metadata document, and the setting "
                    + "oauth-client-documents is off.")
        case .hostNotAllowed:
            self.init(
                .invalidClient, "This application is not admitted here",
                "For whoever runs this server: the host of the client_id is not among oauth-client-document-hosts.")
        case .document(let reason):
            self.init(
                .invalidClient, "The application cannot be checked now",
                "Its description could not be used: \(reason). Try again later. For its developer: the client_id must "
                    + "be the URL of a JSON document that describes the client.")
        }
    }
}
