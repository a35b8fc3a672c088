import MCPEngine
import MCPProtocol
import Synchronization

/// One request, from its sending to what came of it.
final class Ticket: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case echo, sleep, stream, fail, ask, log, task
        /// Tools of the server behind: the first may be repeated, the second not.
        case read, work, question
        case list, ping, level

        var isTool: Bool { ![.list, .ping, .level].contains(self) }
        var isBehind: Bool { [.read, .work, .question].contains(self) }
        /// Once more after a failure, or from its start after each question.
        var mayRunTwice: Bool { [.read, .ask, .question].contains(self) }
    }

    private struct State {
        var answers = 0
        var isSettled = false
        var cancelled: Duration?
        /// What its client calls it.
        var id = 0
    }

    let nonce: Int
    let kind: Kind
    let principal: Principal
    let session: SessionFacts?
    let sent: Duration
    private let state = Mutex(State())

    init(_ nonce: Int, _ kind: Kind, _ principal: Principal, _ session: SessionFacts?, sent: Duration) {
        self.nonce = nonce
        self.kind = kind
        self.principal = principal
        self.session = session
        self.sent = sent
    }

    var description: String { "\(kind) \(nonce) of \(principal.name)" }

    /// What a tool says when it did what it should, for whom it should.
    static func text(_ kind: Kind, _ nonce: Int, _ principal: Principal) -> String {
        "\(kind) \(nonce) \(principal.id)"
    }

    var expected: String { Self.text(kind, nonce, principal) }

    /// Its answer has come; how many that makes.
    func answered() -> Int {
        state.withLock { state in
            state.answers += 1
            state.isSettled = true
            return state.answers
        }
    }

    /// Nothing more is owed: the client left, was refused, or saw its connection break.
    func settle() { state.withLock { $0.isSettled = true } }

    var isSettled: Bool { state.withLock { $0.isSettled } }
    var answers: Int { state.withLock { $0.answers } }

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
        var touched: Duration
        var longestRest: Duration = .zero
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
        state = Mutex(State(touched: now))
    }

    var description: String { "session \(key.hex.prefix(8))" }

    /// When its client sent the first DELETE.
    var deleted: Duration? { state.withLock { $0.deleted } }

    func delete(at now: Duration) {
        state.withLock { if $0.deleted == nil { $0.deleted = now } }
    }

    func touch(at now: Duration) {
        state.withLock { state in
            state.longestRest = max(state.longestRest, now - state.touched)
            state.touched = now
        }
    }

    /// For how long nobody did anything with it, at most.
    func rested(by now: Duration) -> Duration { state.withLock { max($0.longestRest, now - $0.touched) } }

    func listen() { state.withLock { $0.listeners += 1 } }

    /// How many GETs there were.
    var listeners: Int { state.withLock { $0.listeners } }
}
