import Crypto
import FoundationEssentials

/// How a client shows at the token endpoint who it is (RFC 6749, 2.3).
package struct ClientCredentials: Sendable {
    package var id: String
    /// Nil from a client that presents none.
    package var secret: String?
    /// Something signed, in the place of a secret.
    package var assertion: String?

    package init(id: String, secret: String?, assertion: String? = nil) {
        self.id = id
        self.secret = secret
        self.assertion = assertion
    }

    /// - Parameters:
    ///   - basic: What follows `Basic` in the `Authorization` header, if it is there.
    ///   - subject: Whom an assertion is about, as it says itself.
    /// - Throws: ``OAuthError``.
    package init(
        _ parameters: OAuthParameters, basic: String?, subject: (String) -> String?
    ) throws(OAuthError) {
        let named = parameters["client_id"]
        if let assertion = parameters["client_assertion"] {
            guard basic == nil, parameters["client_secret"] == nil else {
                throw OAuthError(.invalidRequest, "The client shows who it is in two ways; one is right")
            }
            guard parameters["client_assertion_type"] == Self.assertionType, let id = named ?? subject(assertion) else {
                throw OAuthError(
                    .invalidClient, "client_assertion must be a JWT, and client_assertion_type that of jwt-bearer")
            }
            self.init(id: id, secret: nil, assertion: assertion)
            return
        }
        guard let basic else {
            self.init(id: try parameters.required("client_id"), secret: parameters["client_secret"])
            return
        }
        guard parameters["client_secret"] == nil else {
            throw OAuthError(.invalidRequest, "The client presents its secret in two ways; one is right")
        }
        guard let pair = Self.pair(basic) else {
            throw OAuthError(.invalidClient, "Basic must be base64 of the client_id, a colon and the secret")
        }
        guard named == nil || named == pair.id else {
            throw OAuthError(.invalidRequest, "client_id is not that of the Authorization header")
        }
        self.init(id: pair.id, secret: pair.secret.isEmpty ? nil : pair.secret)
    }

    private static let assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// Whether they are this client's. One with a secret must show it, in whichever of the two ways; one without must
    /// not claim to have one.
    func belong(to client: OAuthClient) -> Bool {
        if client.authentication == .privateKey || assertion != nil { return false }
        guard let kept = client.secretHash else { return secret == nil }
        guard let secret else { return false }
        return constantTimeEquals(Array(SHA256.hash(data: Array(secret.utf8))), kept)
    }

    /// Both parts are form-encoded before they are put together (RFC 6749, 2.3.1).
    private static func pair(_ basic: String) -> (id: String, secret: String)? {
        guard basic.utf8.count <= 8192, let bytes = Data(base64Encoded: basic),
            let text = String(validating: Array(bytes), as: UTF8.self),
            let colon = text.firstIndex(of: ":"),
            let id = decoded(text[..<colon]), let secret = decoded(text[text.index(after: colon)...]), !id.isEmpty
        else { return nil }
        return (id, secret)
    }

    private static func decoded(_ text: Substring) -> String? {
        if text.isEmpty { return "" }
        guard !text.utf8.contains(UInt8(ascii: "&")), !text.utf8.contains(UInt8(ascii: "=")) else { return nil }
        return (try? OAuthParameters(parsing: "v=\(text)"))?["v"]
    }
}
