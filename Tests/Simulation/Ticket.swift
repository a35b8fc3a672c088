import MCPEngine
import MCPProtocol
import Synchronization

/// One request, from its sending to what came of it.
final class Ticket: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case echo, sleep, stream, fail, ask, log, task
        /// Of the tool that comes later.
        case late
        /// Tools of the server behind: the first may be repeated, the second not.
        case read, work, question
        case list, ping, level
        /// A stream that is held open: GET, or subscriptions/listen.
        case listen
        /// DELETE.
        case end

        var isTool: Bool { ![.list, .ping, .level, .listen, .end].contains(self) }
        var isBehind: Bool { [.read, .work, .question].contains(self) }
        /// Once more after a failure, or from its start after each question.
        var mayRunTwice: Bool { [.read, .ask, .question].contains(self) }
    }

    private struct State {
        var answers = 0
        var steps = 0
        var settled: Duration?
        var process: Int?
        var moment: Moment?
        var cancelled: Duration?
        var asked: Duration?
        /// What its client calls it.
        var id = 0
    }

    let nonce: Int
    let kind: Kind
    let principal: Principal
    let session: SessionFacts?
    /// The request that this one repeats with more in it.
    let first: Ticket?
    let sent: Duration
    private let time: SimulatedTime
    private let state = Mutex(State())

    init(
        _ number: Int, _ kind: Kind, _ principal: Principal, _ session: SessionFacts?, repeating first: Ticket?,
        _ time: SimulatedTime
    ) {
        nonce = first?.nonce ?? number
        self.first = first
        self.kind = kind
        self.principal = principal
        self.session = session
        self.time = time
        sent = time.now
    }

    var description: String { "\(kind) \(nonce) of \(principal.name)" }

    /// What a tool says when it did what it should, for whom it should.
    static func text(_ kind: Kind, _ nonce: Int, _ principal: Principal) -> String {
        "\(kind) \(nonce) \(principal.id)"
    }

    var expected: String { Self.text(kind, nonce, principal) }

    /// Its answer has come; how many that makes.
    func answered() -> Int {
        let now = time.now
        return state.withLock { state in
            // Though its client has left before: it came back.
            state.settled = now
            state.answers += 1
            return state.answers
        }
    }

    /// Nothing more is owed: the client left, was refused, or saw its connection break.
    func settle() {
        let now = time.now
        state.withLock { if $0.settled == nil { $0.settled = now } }
    }

    /// Its client has heard of a step on the way.
    func progressed() { state.withLock { $0.steps += 1 } }
    var steps: Int { state.withLock { $0.steps } }

    /// When it was answered with a question.
    var asked: Duration? { state.withLock { $0.asked } }

    func ask() {
        let now = time.now
        state.withLock { $0.asked = now }
    }

    var settled: Duration? { state.withLock { $0.settled } }
    var isSettled: Bool { settled != nil }
    var answers: Int { state.withLock { $0.answers } }

    /// The number of the process that it reached.
    var process: Int? {
        get { state.withLock { $0.process } }
        set { state.withLock { $0.process = newValue } }
    }

    /// Whether its client may have been asked something for it.
    var mayAsk: Bool { kind == .ask || kind.isBehind }

    /// Nil while it has not arrived.
    var moment: Moment? {
        get { state.withLock { $0.moment } }
        set { state.withLock { $0.moment = newValue } }
    }

    /// Whether it may have been in flight at `moment` or later.
    /// - Parameter longest: For how long it goes on after its client has left.
    func mayRun(at moment: Duration, longest: Duration) -> Bool {
        let (settled, answers) = state.withLock { ($0.settled, $0.answers) }
        guard let settled else { return true }
        return settled >= moment || answers == 0 && sent + longest >= moment
    }

    var id: Int {
        get { state.withLock { $0.id } }
        set { state.withLock { $0.id = newValue } }
    }

    var cancelled: Duration? {
        get { state.withLock { $0.cancelled } }
        set { state.withLock { $0.cancelled = newValue } }
    }

    /// The members of `params`.
    var params: [(String, JSON)] {
        guard kind.isTool else { return kind == .level ? [("level", "debug")] : [] }
        return [
            ("name", JSON(kind.rawValue)),
            ("arguments", ["nonce": JSON(nonce), "principal": JSON(principal.id)]),
            ("_meta", ["progressToken": JSON(nonce)]),
        ]
    }

    var method: String {
        switch kind {
        case .list: Method.toolsList
        case .ping: Method.ping
        case .level: Method.loggingSetLevel
        default: Method.toolsCall
        }
    }
}

/// What its client knows of a session, and what may have become of it.
final class SessionFacts: Sendable, CustomStringConvertible {
    private struct State {
        var deleted: Duration?
        var used: Duration
        var listeners = 0
    }

    let id: String
    let key: SessionKey
    let owner: Principal
    let version: ProtocolVersion
    private let state: Mutex<State>

    init(id: String, owner: Principal, version: ProtocolVersion, now: Duration) {
        self.id = id
        key = SessionDirectory.key(of: id)
        self.owner = owner
        self.version = version
        state = Mutex(State(used: now))
    }

    var description: String { "session \(key.mark)" }

    /// There is none: the channel that would have it was not given one.
    var isAbsent: Bool { id.isEmpty }

    /// When its client sent the first DELETE.
    var deleted: Duration? { state.withLock { $0.deleted } }

    func delete(at now: Duration) {
        state.withLock { if $0.deleted == nil { $0.deleted = now } }
    }

    /// When a server last did something with it that its client knows of.
    var used: Duration { state.withLock { $0.used } }

    func use(at now: Duration) { state.withLock { $0.used = max($0.used, now) } }

    func listen() { state.withLock { $0.listeners += 1 } }

    /// How many GETs there were.
    var listeners: Int { state.withLock { $0.listeners } }
}
