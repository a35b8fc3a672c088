/// How long things last in the authorization server, and how many there may be.
package struct AuthorizationLimits: Sendable {
    package var grants = GrantMachine.Lifetimes()
    /// From consent to the exchange of the code.
    package var code: Duration = .seconds(120)
    /// How long a browser stays signed in.
    package var signIn: Duration = .seconds(12 * 3600)
    /// How long a client that registered itself is kept when nobody connects with it.
    package var registration: Duration = .seconds(86_400)
    /// Clients that registered themselves.
    package var registeredClients = 10_000
    /// Copies of clients' documents.
    package var documents = 1_000
    /// How often a document may be fetched, at most and at least.
    package var documentAge: ClosedRange<Duration> = .seconds(300)...(.seconds(86_400))
    /// Of one host, in a minute.
    package var documentFetches = 60
    package var grantsPerUser = 100
    package var signInsPerUser = 20
    /// For one account, at once and then over `signInWindow`.
    package var signInAttempts = 10
    package var signInWindow: Duration = .seconds(300)
    /// Passwords that wait to be checked; each check takes 32 MiB.
    package var passwordsWaiting = 16
    /// For one connection, in a minute.
    package var tokenRequests = 60

    package init() {}
}
