import HTTPTypes
import Hummingbird
import MCPEngine

/// What people see of the authorization server: signing in, agreeing, and what they have agreed to.
struct OAuthPersonRoutes: Sendable {
    let oauth: OAuthConfiguration
    let cookies: BrowserCookie

    init(_ oauth: OAuthConfiguration) {
        self.oauth = oauth
        cookies = BrowserCookie(isSecure: oauth.isSecure)
    }

    private var server: AuthorizationServer { oauth.server }

    /// Somebody at a browser.
    private struct Browser {
        var cookie: String
        /// The cookie is to be set with the answer.
        var isNew: Bool
        var user: UserRecord?

        func seal(_ purpose: String) -> String { BrowserCookie.seal(cookie, for: purpose) }
        func isSealed(_ form: OAuthParameters, _ purpose: String) -> Bool {
            !isNew && BrowserCookie.isSealed(form["csrf"], cookie, for: purpose)
        }
    }

    func respond(to request: Request, _ place: OAuthPaths.Place) async throws -> Response {
        do {
            let kept = cookies.value(in: request.headers)
            let browser = Browser(
                cookie: kept ?? BrowserCookie.fresh(), isNew: kept == nil,
                user: try await server.signIns.user(cookie: kept))
            if request.method != .post { return try await show(request, place, browser) }
            // Forms of other sites come with their origin.
            if let origin = request.headers.value(.origin), origin.lowercased() != server.identity.issuer {
                return Page.notice(
                    "This form did not come from here", "For your safety nothing was done.", status: .forbidden
                ).response()
            }
            guard request.sendsForm else {
                return Page.notice("This is not a form", "Use the page's own buttons.", status: .badRequest).response()
            }
            guard let body = try await request.form(upTo: oauth.maxForm) else {
                return Page.notice(
                    "This is too much", "A form has at most \(oauth.maxForm) bytes.", status: .contentTooLarge
                ).response()
            }
            return try await take(try OAuthParameters(parsing: body), place, browser)
        } catch let error as OAuthError {
            return Page.notice(
                "This cannot be read", error.description + ".", code: error.code.rawValue, status: .badRequest
            ).response()
        } catch let error as StoreError {
            server.reportFailure(error)
            var response = Page.notice(
                "This does not work right now", "The server cannot look things up. Try again in a moment.",
                status: .serviceUnavailable
            ).response()
            response.headers[.retryAfter] = "5"
            return response
        }
    }

    // MARK: Looking

    private func show(_ request: Request, _ place: OAuthPaths.Place, _ browser: Browser) async throws -> Response {
        guard place == .authorize else {
            guard let user = browser.user else { return signIn(browser, next: "/account") }
            return Page.account(
                try await server.grants(of: user), user: user, site: oauth.site, seal: browser.seal("account"),
                signOut: browser.seal("sign-out")
            ).response()
        }
        let query = request.uri.query ?? ""
        guard query.utf8.count <= Self.longestQuery else {
            return Page.notice(
                "This link is too long",
                "For the application's developer: a request has at most \(Self.longestQuery) bytes.",
                status: .uriTooLong
            ).response()
        }
        switch try await server.consider(try OAuthParameters(parsing: query)) {
        case .stopped(let problem): return Page.problem(problem).response()
        case .returned(let url): return Self.send(to: url, .found)
        case .asked(let wish):
            guard let user = browser.user else { return signIn(browser, next: "/authorize?\(query)") }
            return Page.consent(
                wish, query: query, user: user, site: oauth.site, seal: browser.seal("authorize \(query)"),
                signOut: browser.seal("sign-out")
            ).response()
        }
    }

    /// It comes back in a form, where each byte may take three.
    static let longestQuery = 16 << 10

    private func signIn(
        _ browser: Browser, next: String, name: String = "", fault: String? = nil, status: HTTPResponse.Status = .ok
    ) -> Response {
        Page.signIn(
            site: oauth.site, next: next, seal: browser.seal("sign-in \(next)"), name: name, fault: fault,
            status: status
        ).response(cookie: browser.isNew ? cookies.header(browser.cookie) : nil)
    }

    // MARK: Doing

    private func take(_ form: OAuthParameters, _ place: OAuthPaths.Place, _ browser: Browser) async throws -> Response {
        switch place {
        case .signIn: return try await takeSignIn(form, browser)
        case .authorize: return try await takeDecision(form, browser)
        case .account: return try await takeRevocation(form, browser)
        default:
            guard browser.isSealed(form, "sign-out") else { return stale("/account") }
            try await server.signIns.end(cookie: browser.cookie)
            return Self.send(to: "/account", cookie: cookies.header("", maxAge: 0))
        }
    }

    private func takeSignIn(_ form: OAuthParameters, _ browser: Browser) async throws -> Response {
        let next = form["next"] ?? "/account"
        guard Self.isOurs(next), browser.isSealed(form, "sign-in \(next)") else {
            return stale(Self.isOurs(next) ? next : "/account")
        }
        let name = form["username"] ?? ""
        switch try await server.signIns.signIn(name: name, password: form["password"] ?? "") {
        case .signedIn(_, let cookie):
            return Self.send(
                to: next, cookie: cookies.header(cookie, maxAge: Int(server.limits.signIn.seconds)))
        case .refused:
            return signIn(
                browser, next: next, name: name, fault: "This name and password do not go together.", status: .forbidden
            )
        case .later(let seconds):
            var response = signIn(
                browser, next: next, name: name,
                fault: "There were too many attempts. Wait \(seconds) seconds and try again.", status: .tooManyRequests)
            response.headers[.retryAfter] = "\(seconds)"
            return response
        }
    }

    private func takeDecision(_ form: OAuthParameters, _ browser: Browser) async throws -> Response {
        guard let query = form["request"], query.utf8.count <= Self.longestQuery else {
            return Page.notice(
                "There is nothing to decide", "Go back to the application and connect again.", status: .badRequest
            ).response()
        }
        // Signed out meanwhile: from the beginning.
        guard let user = browser.user, browser.isSealed(form, "authorize \(query)") else {
            return stale("/authorize?\(query)")
        }
        switch try await server.consider(try OAuthParameters(parsing: query)) {
        case .stopped(let problem): return Page.problem(problem).response()
        case .returned(let url): return Self.send(to: url)
        case .asked(let wish):
            // Whoever sends neither has not agreed.
            guard form["approve"] != nil, form["deny"] == nil else { return Self.send(to: server.deny(wish)) }
            return Self.send(to: try await server.approve(wish, by: user))
        }
    }

    private func takeRevocation(_ form: OAuthParameters, _ browser: Browser) async throws -> Response {
        guard let user = browser.user, browser.isSealed(form, "account") else { return stale("/account") }
        if let grant = form["revoke"] { _ = try await server.revoke(grant: grant, of: user) }
        return Self.send(to: "/account")
    }

    // MARK: Going on

    /// The form is not of this browser, or not any more: nothing is done, and the page is shown anew.
    private func stale(_ next: String) -> Response {
        let link: HTML = "<p><a href=\"\(next)\">Go on</a></p>"
        return Page(
            title: "This page is out of date",
            body: """
                <h1>This page is out of date</h1>
                <p>Nothing was done. You may have signed in or out meanwhile, or your browser does not keep cookies, which
                signing in needs.</p>
                \(link)
                """, status: .forbidden
        ).response()
    }

    /// Only our own pages, and never another host's: `//` does not begin with either.
    private static func isOurs(_ next: String) -> Bool {
        next == "/account"
            || (next.hasPrefix("/authorize?") && next.utf8.count <= longestQuery + 16
                && next.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }

    private static func send(
        to url: String, _ status: HTTPResponse.Status = .seeOther, cookie: String? = nil
    ) -> Response {
        var headers: HTTPFields = [.location: url, .cacheControl: "no-store"]
        headers[.referrerPolicy] = "no-referrer"
        if let cookie { headers[.setCookie] = cookie }
        return Response(status: status, headers: headers)
    }
}
