/// A client that has just registered itself, with the secret that is shown this once.
package struct ClientRegistration: Sendable {
    package var client: OAuthClient
    package var secret: String?
}
