/// Somebody's program that connects to people's accounts.
struct Application: Sendable {
    let name: String
    let redirect: String
    /// The last part of the URL that is its id, where its document is hosted; without one it registers itself.
    let document: String?
    /// Where it reads about the authorization server, in this order.
    let metadata: [String]

    static let claude = Application(
        name: "Claude", redirect: "https://claude.ai/api/mcp/auth_callback", document: "claude.json",
        metadata: ["oauth-authorization-server"])
    static let chatGPT = Application(
        name: "ChatGPT", redirect: "https://chatgpt.com/connector_platform_oauth_redirect", document: nil,
        metadata: ["oauth-authorization-server", "openid-configuration"])
}
