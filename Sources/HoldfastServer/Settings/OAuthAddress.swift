import FoundationEssentials

/// Under which address tokens are given out: the public URL, without which no client could find its way back.
enum OAuthAddress {
    /// Paths that clients look for at the root of the origin.
    static let taken: Set<String> = [
        "/authorize", "/token", "/register", "/revoke", "/account", "/sign-in", "/sign-out",
    ]

    static func check(publicURL: String?, path: String) throws {
        guard let publicURL, let url = URLComponents(string: publicURL), let host = url.host else {
            throw SettingsError(
                "oauth: it needs public-url, the URL that clients reach the endpoint under; give it, such as --public-url "
                    + "https://mcp.example.com/mcp")
        }
        guard url.scheme == "https" || AccessRule.isLoopback(host.trimming { "[]".contains($0) }) else {
            throw SettingsError(
                "public-url: \(SettingsError.quoted(publicURL)) is http, and passwords and tokens would be read on their "
                    + "way; with oauth give an https URL, or one of this machine for trying it out")
        }
        guard !taken.contains(path) else {
            throw SettingsError("path: with oauth \(path) is taken; give another path, such as /mcp")
        }
    }

    /// The origin of the public URL, without a path (R19): lower case, and without the port that goes without saying.
    static func issuer(of publicURL: String) -> String {
        guard let url = URLComponents(string: publicURL), let scheme = url.scheme?.lowercased(), let host = url.host
        else { return publicURL }
        let standard = scheme == "https" ? 443 : 80
        return "\(scheme)://\(host.lowercased())" + (url.port.flatMap { $0 == standard ? nil : ":\($0)" } ?? "")
    }

    /// What people know the server by.
    static func site(of publicURL: String) -> String {
        let issuer = issuer(of: publicURL)
        return issuer.firstRange(of: "://").map { String(issuer[$0.upperBound...]) } ?? issuer
    }
}
