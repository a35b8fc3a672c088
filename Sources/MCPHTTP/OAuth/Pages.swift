import FoundationEssentials
import Hummingbird
import MCPEngine

extension Page {
    /// - Parameters:
    ///   - next: Where to go afterwards, at this server.
    ///   - fault: What went wrong the last time.
    static func signIn(
        site: String, next: String, seal: String, name: String = "", fault: String? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Page {
        let complaint: HTML = fault.map { "<p class=\"bad\" role=\"alert\">\($0)</p>" } ?? .nothing
        return Page(
            title: "Sign in to \(site)",
            body: """
                <h1>Sign in to <span class="host">\(site)</span></h1>
                \(complaint)
                <form method="post" action="/sign-in">
                <input type="hidden" name="csrf" value="\(seal)">
                <input type="hidden" name="next" value="\(next)">
                <label for="username">User name</label>
                <input id="username" name="username" value="\(name)" autocomplete="username" autocapitalize="none"
                  spellcheck="false" required autofocus>
                <label for="password">Password</label>
                <input id="password" name="password" type="password" autocomplete="current-password" required>
                <div class="choice"><button class="deed" type="submit">Sign in</button></div>
                </form>
                """, status: status)
    }

    static func consent(
        _ request: AuthorizationRequest, query: String, user: UserRecord, site: String, seal: String, signOut: String
    ) -> Page {
        let client = request.client
        let name = client.name ?? "An application"
        let scopes = request.scopes.map { scope -> HTML in "<li>\(ScopeWords.of(scope))</li>" }
        let warnings = ConsentWarning.all(request).map { text -> HTML in "<p class=\"care\">\(text)</p>" }
        // A chain of redirects after the form counts too: to anywhere on the web, or to the client's own address.
        let targets = ["https:"] + (request.redirect.place == .web ? [] : [request.redirect.origin])
        return Page(
            title: "Allow \(name)?",
            body: """
                <h1>Allow <span class="host">\(name)</span> to use \(site)?</h1>
                \(warnings)
                <p>It will be able to:</p>
                <ul>\(scopes)</ul>
                <dl>
                <dt>Who it is</dt><dd>\(identification(client))</dd>
                <dt>You will be sent back to</dt><dd class="host">\(destination(request.redirect))</dd>
                <dt>It will act as you on</dt><dd>\(request.resource)</dd>
                <dt>You are signed in as</dt><dd>\(user.name)</dd>
                </dl>
                <form method="post" action="/authorize">
                <input type="hidden" name="csrf" value="\(seal)">
                <input type="hidden" name="request" value="\(query)">
                <div class="choice">
                <button class="deed" type="submit" name="approve" value="yes">Allow</button>
                <button type="submit" name="deny" value="yes">Do not allow</button>
                </div>
                </form>
                \(signOutForm(signOut))
                """, formTargets: targets)
    }

    static func account(_ grants: [GrantRecord], user: UserRecord, site: String, seal: String, signOut: String) -> Page
    {
        let list = grants.map { grant -> HTML in
            let terms = grant.machine.terms
            let name = grant.clientName ?? "An application"
            let state: HTML =
                grant.machine.end.map { "<p class=\"bad\">\(words($0)), \(day(grant.machine.turned)).</p>" } ?? """
                    <form method="post" action="/account">
                    <input type="hidden" name="csrf" value="\(seal)">
                    <button type="submit" name="revoke" value="\(grant.id)" aria-label="Disconnect \(name)">Disconnect</button>
                    </form>
                    """
            return """
                <section>
                <h2>\(name)</h2>
                <p class="soft">\(host(of: terms)). Connected \(day(grant.created)), last renewed \(day(grant.machine.turned)).
                May: \(terms.scopes.map(ScopeWords.short).joined(separator: ", ")).</p>
                \(state)
                </section>
                """
        }
        return Page(
            title: "Your connections",
            body: """
                <h1>Your connections to <span class="host">\(site)</span></h1>
                <p>Signed in as \(user.name). These applications can act as you here. Disconnecting one takes effect at
                once.</p>
                \(list.isEmpty ? ["<p>None yet.</p>"] : list)
                <section>\(signOutForm(signOut))</section>
                """)
    }

    static func problem(_ problem: AuthorizationProblem, status: HTTPResponse.Status = .badRequest) -> Page {
        .notice(problem.headline, "\(problem.detail)", code: problem.code.rawValue, status: status)
    }

    static func notice(
        _ headline: String, _ detail: String, code: String? = nil, status: HTTPResponse.Status
    ) -> Page {
        let code: HTML = code.map { "<p class=\"soft\">Error: \($0)</p>" } ?? .nothing
        return Page(
            title: headline,
            body: """
                <h1>\(headline)</h1>
                <p>\(detail)</p>
                \(code)
                """, status: status)
    }

    // MARK: Parts

    private static func signOutForm(_ seal: String) -> HTML {
        """
        <form class="leave" method="post" action="/sign-out">
        <input type="hidden" name="csrf" value="\(seal)">
        <button type="submit">Sign out</button>
        </form>
        """
    }

    private static func identification(_ client: OAuthClient) -> HTML {
        switch client.kind {
        case .document: "The owner of <span class=\"host\">\(DocumentHosts.host(of: client.id))</span> vouches for it"
        case .registered: "It made itself known; nobody vouches for its name"
        case .preregistered: "The operator of this server made it known, as <span class=\"host\">\(client.id)</span>"
        }
    }

    private static func destination(_ redirect: RedirectURI) -> String {
        switch redirect.place {
        case .web: redirect.host
        case .loopback: "a program on this computer (\(redirect.host))"
        case .app: "the application that opens \(redirect.host): links"
        }
    }

    private static func host(of terms: GrantTerms) -> String {
        RedirectURI(terms.redirectURI).map(destination) ?? terms.client
    }

    private static func words(_ end: GrantMachine.End) -> String {
        switch end {
        case .expired: "Ended after a long time without use"
        case .revoked: "Disconnected"
        case .returned: "Disconnected by the application"
        case .reused: "Ended for safety: what the application held was used twice, as if somebody had copied it"
        }
    }

    private static func day(_ date: Date) -> String { date.formatted(.iso8601.year().month().day()) }
}
