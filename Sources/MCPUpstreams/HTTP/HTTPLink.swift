import AsyncHTTPClient
import Logging
import MCPEngine
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// A conversation over Streamable HTTP: a session of the handshake era, or requests that need none.
final class HTTPLink: UpstreamLink {
    private enum Phase {
        case open
        /// The server does not know the session any more (B-14).
        case gone
        case closing
        case closed
    }

    private struct State {
        var phase = Phase.open
        var session: String?
        var version: ProtocolVersion?
        var exchanges: [RequestID: HTTPExchange] = [:]
        /// Exchanges that have not been told their end yet.
        var unfinished = 0
        var listening: ListeningStream?
        /// Wait until no exchange is left.
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    let address: HTTPAddress
    let receiver: LinkReceiver
    let logger: Logger
    private let state = Mutex(State())

    init(
        _ client: RemoteClient, _ target: HTTPTarget, _ host: SessionHost, _ receiver: LinkReceiver, _ logger: Logger
    ) {
        address = HTTPAddress(client, target, host)
        self.receiver = receiver
        self.logger = logger
    }

    var client: RemoteClient { address.client }

    // MARK: Messages

    func send(_ request: LinkRequest, _ event: @escaping @Sendable (LinkEvent) -> Void) {
        let exchange = HTTPExchange(request, self, event)
        let hasRoom = client.hasRoom
        let refusal = state.withLock { state -> LinkFailure? in
            if let failure = Self.refusal(in: state.phase) { return failure }
            guard hasRoom else {
                let words = "\(client.server.limits.connections) requests to \(client.origin) are under way already"
                return LinkFailure(.unreachable, mayHaveBegun: false, words)
            }
            guard state.exchanges[request.id] == nil else {
                return LinkFailure(.malformed, mayHaveBegun: false, "a request with that id is under way already")
            }
            state.exchanges[request.id] = exchange
            state.unfinished += 1
            return nil
        }
        if let refusal { event(.failed(refusal)) } else { exchange.post() }
    }

    func send(oneWay message: [UInt8], as version: ProtocolVersion) async throws(LinkFailure) {
        if let failure = state.withLock({ Self.refusal(in: $0.phase) }) { throw failure }
        do throws(LinkFailure) {
            let errand = HTTPErrand(address) { () throws(LinkFailure) in try self.post(message, version: version) }
            try await errand.run()
        } catch {
            guard error.kind == .status(404), session(in: version) != nil else { throw error }
            sessionIsGone()
            throw .sessionGone(mayHaveBegun: false)
        }
    }

    private static func refusal(in phase: Phase) -> LinkFailure? {
        switch phase {
        case .open: nil
        case .gone: .sessionGone(mayHaveBegun: false)
        case .closing, .closed: LinkFailure(.closed, mayHaveBegun: false, "the conversation was ended")
        }
    }

    func abandon(_ id: RequestID) {
        guard let exchange = state.withLock({ $0.exchanges.removeValue(forKey: id) }) else { return }
        exchange.abandon()
    }

    /// It is about to be told its end: its id may be used again.
    func release(_ exchange: HTTPExchange) {
        state.withLock { state in
            let id = exchange.request.id
            if state.exchanges[id] === exchange { state.exchanges[id] = nil }
        }
    }

    /// An exchange has been told its end, or nobody wants to know it.
    func finished() {
        let (closers, isGone) = state.withLock { state in
            state.unfinished -= 1
            return Self.settle(&state)
        }
        for closer in closers { closer.resume() }
        if isGone { tellGone() }
    }

    private func tellGone() {
        let receiver = receiver
        let tell: @Sendable () -> Void = { receiver.closed(.sessionGone(mayHaveBegun: false)) }
        if let listening = state.withLock({ $0.listening }) { listening.stop(then: tell) } else { tell() }
    }

    private static func settle(_ state: inout State) -> ([CheckedContinuation<Void, Never>], Bool) {
        guard state.unfinished == 0 else { return ([], false) }
        let isGone = state.phase == .gone
        if isGone { state.phase = .closed }
        defer { state.closers = [] }
        return (state.closers, isGone)
    }

    // MARK: The session

    /// `initialize` was answered with that session id.
    func begin(session: String) { state.withLock { $0.session = session } }

    func opened(as version: ProtocolVersion) {
        let listening = state.withLock { state -> ListeningStream? in
            state.version = version
            // Before 2025-03-26 there was another transport.
            guard state.phase == .open, state.listening == nil, version.era == .handshake, version != .v2024_11_05
            else { return nil }
            state.listening = ListeningStream(self, version)
            return state.listening
        }
        listening?.open()
    }

    /// The server said that it does not know the session. What is under way may still be answered; after it, this is of
    /// no use.
    func sessionIsGone() {
        let isGone = state.withLock { state in
            guard state.phase == .open else { return false }
            state.phase = .gone
            return Self.settle(&state).1
        }
        if isGone { tellGone() }
    }

    func close() async {
        let (exchanges, listening, isFirst) = state.withLock { state in
            let isFirst = state.phase == .open || state.phase == .gone
            // A session that is gone needs no end.
            if state.phase == .gone { state.session = nil }
            if isFirst { state.phase = .closing }
            return (Array(state.exchanges.values), state.listening, isFirst)
        }
        if let listening {
            await withCheckedContinuation { continuation in listening.stop { continuation.resume() } }
        }
        for exchange in exchanges { exchange.fail(.closed) }
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.unfinished == 0 { return true }
                state.closers.append(continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
        guard isFirst else { return }
        let (session, version) = state.withLock { ($0.session, $0.version) }
        if let session {
            let address = address
            let errand = HTTPErrand(address) { () throws(LinkFailure) in
                try address.delete(version: version ?? .assumed, session: session)
            }
            // A server need not let sessions be ended, and whether this one could be makes no difference any more (H-65).
            try? await errand.run(within: client.server.limits.close)
        }
        state.withLock { $0.phase = .closed }
        receiver.closed(.closed)
    }

    // MARK: Requests

    /// - Parameter version: Nil on `initialize`, which negotiates it and has no session yet.
    func post(_ message: [UInt8], version: ProtocolVersion?) throws(LinkFailure) -> HTTPAddress.Prepared {
        try address.post(message, version: version, session: version.flatMap { session(in: $0) })
    }

    func get(version: ProtocolVersion, after lastEventID: String?) throws(LinkFailure) -> HTTPAddress.Prepared {
        try address.get(version: version, session: session(in: version), after: lastEventID)
    }

    /// The per-request era has none (H-70).
    private func session(in version: ProtocolVersion) -> String? {
        version.era == .handshake ? state.withLock { $0.session } : nil
    }
}

extension LinkFailure {
    static func sessionGone(mayHaveBegun: Bool) -> LinkFailure {
        LinkFailure(.sessionGone, mayHaveBegun: mayHaveBegun, "the server does not know the session any more")
    }

    /// A response that has a status and nothing else to say.
    static func status(_ head: HTTPResponseHead, from origin: String) -> LinkFailure {
        let status = Int(head.status.code)
        var words = "\(origin) answered with HTTP status \(status)"
        if status == 401 || status == 403 {
            let schemes = head.headers["www-authenticate"].map { $0.prefix { $0 != " " && $0 != "," } }
            let named = schemes.filter { HeaderText.isName(String($0)) && $0.utf8.count <= 32 }
            if !named.isEmpty { words += " and asks for \(named.joined(separator: ", "))" }
        }
        // What is refused outright has not begun; of the rest nobody can know.
        return LinkFailure(.status(status), mayHaveBegun: !(300..<500).contains(status), words)
    }
}
