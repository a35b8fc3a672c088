import MCPEngine
import MCPProtocol

/// What one run is like. Each leaves most things out, so that the rest meets more often, and the run stays short.
struct Plan {
    enum Restart: Sendable { case orderly, crash }

    struct Behind: Sendable {
        var era: Era
        var isPipe: Bool
        var lifetime: UpstreamPolicy.Lifetime
        /// Of 100 requests, how many end in a fault of the server or the line.
        var faults: Int
    }

    var clients: Int
    var steps: Int
    /// Of 100 calls of the store, how many fail.
    var storeFaults: Int
    var isStoreSlow: Bool
    /// Of 100 requests, how many lose their connection.
    var hangUps: Int
    var isNetworkSlow: Bool
    var restarts: [Restart]
    /// Bounds that are met.
    var isTight: Bool
    /// Sessions are idle for too long.
    var expires: Bool
    /// Calls outlive their limits.
    var isSlow: Bool
    /// There is one more tool in the middle of it.
    var changes: Bool
    var behind: Behind?
    var limits = EngineLimits()
    var upstream = UpstreamLimits()

    static let jsonWait: Duration = .milliseconds(40)
    static let keepAlive: Duration = .milliseconds(300)

    init(_ dice: Dice) {
        clients = 1 + dice.below(3)
        steps = 2 + dice.below(4)
        storeFaults = dice.percent(25) ? 5 + dice.below(40) : 0
        isStoreSlow = dice.percent(40)
        hangUps = dice.percent(50) ? 10 + dice.below(40) : 0
        isNetworkSlow = dice.percent(50)
        restarts = dice.percent(30) ? (0...dice.below(2)).map { _ in dice.percent(50) ? .orderly : .crash } : []
        isTight = dice.percent(20)
        expires = dice.percent(15)
        isSlow = dice.percent(30)
        changes = dice.percent(30)
        if dice.percent(35) {
            let isPipe = dice.percent(40)
            behind = Behind(
                era: dice.percent(65) ? .handshake : .perRequest, isPipe: isPipe,
                // What a line that all share says has to be told apart.
                lifetime: isPipe && dice.percent(50) ? .shared : dice.pick(UpstreamPolicy.Lifetime.allCases),
                faults: dice.percent(60) ? 5 + dice.below(25) : 0)
        }
        setLimits()
    }

    private mutating func setLimits() {
        limits.toolTime = .milliseconds(900)
        limits.drainGrace = .milliseconds(250)
        limits.shutdownGrace = .milliseconds(400)
        limits.shutdownWriting = .milliseconds(200)
        limits.keptStreamAge = .milliseconds(600)
        limits.idleExpiry = expires ? .milliseconds(400) : .seconds(24 * 3600)
        limits.tombstone = .seconds(3600)
        limits.tasks.reconciliation = .milliseconds(200)
        limits.tasks.sweep = .milliseconds(800)
        if isTight {
            limits.inFlightPerSession = 2
            limits.inFlightPerPrincipal = 3
            limits.sessions = 2
            limits.sessionsPerPrincipal = 2
            limits.questionsPerSession = 1
            limits.streamsPerPrincipal = 2
            limits.stream = EventLog.Limits(events: 3, bytes: 600)
            limits.keptStreamBytes = 3_000
            limits.tasks.perOwner = 2
            upstream.inFlight = 2
            upstream.conversations = 2
            upstream.heldCalls = 1
        }
        upstream.openTime = .milliseconds(400)
        upstream.listTime = .milliseconds(300)
        upstream.leastBackoff = .milliseconds(50)
        upstream.mostBackoff = .milliseconds(200)
        upstream.idleTime = .milliseconds(500)
        upstream.heldTime = .milliseconds(400)
    }
}
