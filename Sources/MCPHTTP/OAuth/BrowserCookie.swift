import Crypto
import HTTPTypes
import MCPEngine

/// What a browser holds for us: something random that nobody else knows. Forms are bound to it, and when somebody has
/// signed in, so is that.
struct BrowserCookie: Sendable {
    /// Browsers set a `__Host-` cookie for this very host and over TLS only; plain http knows no such thing.
    let isSecure: Bool

    private var name: String { isSecure ? "__Host-holdfast" : "holdfast" }

    static func fresh() -> String { RandomText.lowercase(50) }

    /// Nil when there is none, or more than one.
    func value(in headers: HTTPFields) -> String? {
        let values = headers[values: .cookie].flatMap { $0.split(separator: ";") }.compactMap { pair -> Substring? in
            let pair = pair.trimmed
            return pair.hasPrefix("\(name)=") ? pair.dropFirst(name.utf8.count + 1) : nil
        }
        guard values.count == 1, values[0].utf8.count == 50,
            values[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        else { return nil }
        return String(values[0])
    }

    /// - Parameter maxAge: In seconds; nil for until the browser is closed, 0 for now.
    func header(_ value: String, maxAge: Int? = nil) -> String {
        "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
            + (maxAge.map { "; Max-Age=\($0)" } ?? "")
    }

    /// What a form must bring back. Another site can make a browser send a form, and the cookie with it, but cannot read
    /// the cookie, which this is made of, nor change what it is made for.
    static func seal(_ cookie: String, for purpose: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Array(purpose.utf8), using: SymmetricKey(data: Array(cookie.utf8)))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func isSealed(_ seal: String?, _ cookie: String, for purpose: String) -> Bool {
        guard let seal else { return false }
        return constantTimeEquals(Array(seal.utf8), Array(Self.seal(cookie, for: purpose).utf8))
    }
}
