package import Logging
package import MCPEngine
import MCPProtocol
package import ServiceLifecycle
import Synchronization

/// Keeps what one outside issuer publishes. Whoever needs something newer waits for the one fetch that is under way; what
/// is fetched does not depend on any request's connection.
package final class Issuer: Service {
    private struct State {
        var machine: IssuerMachine
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// Ends the sleep before the next fetch.
        var wake: AsyncStream<Void>.Continuation?

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waiting = [] }
            return waiting
        }
    }

    package let url: String
    private let documents: IssuerDocument
    private let needsKeys: Bool
    private let time: any TimeSource
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameter needsKeys: False when every token is introspected.
    package init(
        _ url: String, documents: IssuerDocument.Limits, limits: IssuerMachine.Limits, needsKeys: Bool,
        time: any TimeSource = SystemTime(), logger: Logger
    ) {
        self.url = url
        self.documents = IssuerDocument(limits: documents)
        self.needsKeys = needsKeys
        self.time = time
        self.logger = logger
        state = Mutex(State(machine: IssuerMachine(limits: limits)))
    }

    /// What is known, if need be after a fetch.
    func known(for key: (id: String?, algorithm: String)?) async -> Result<IssuerMachine.Known, TokenProblem> {
        // Once for what is known, once for what a fetch brings, once more if that one was begun before.
        let arrival = time.now
        for _ in 0..<3 {
            switch state.withLock({ $0.machine.consult(for: key, since: arrival, at: time.now) }) {
            case .use(let known): return .success(known)
            case .unknownKey:
                let name = key?.id.map { "\"\($0.prefix(80))\"" } ?? "no name"
                return .failure(
                    .refused(TokenRefusal(.unknownKey, "the issuer publishes no key called \(name) for its signature")))
            case .unavailable(let outage): return .failure(.unavailable(outage))
            case .wait: await fetched()
            }
        }
        return .failure(.unavailable(TokenOutage("the issuer's keys are still being fetched")))
    }

    private func fetched() async {
        await withCheckedContinuation { continuation in
            let (isStopped, wake) = state.withLock { state in
                if state.machine.phase == .stopped { return (true, nil as AsyncStream<Void>.Continuation?) }
                state.waiting.append(continuation)
                return (false, state.wake)
            }
            wake?.yield()
            if isStopped { continuation.resume() }
        }
    }

    // MARK: Fetching

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                if state.withLock({ $0.machine.begin(at: time.now) }) { await fetch() } else { await pause() }
            }
        }
        let waiting = state.withLock { state in
            state.machine.stop()
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    private func pause() async {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // From when on who wants something wakes us; who wanted it before is seen here.
        let delay = state.withLock { state in
            state.wake = wake
            return state.machine.nextFetch(at: time.now)
        }
        await either { [time] in
            try? await time.sleep(for: delay)
        } or: {
            for await _ in stream { return }
        }
        state.withLock { $0.wake = nil }
    }

    private func fetch() async {
        do {
            // All of it in the time of one document: somebody may be waiting.
            let (metadata, keys) = try await within(documents.limits.time) { [self] in try await everything() }
            settle { $0.succeeded(metadata, keys, at: time.now) }
            logger.info("issuer.fetched", metadata: ["issuer": "\(url)", "keys": "\(keys.count)"])
        } catch {
            if Task.isCancelled { return }
            let reason = error is TimeBoundExceeded ? "it did not answer in time (oauth-fetch-time)" : "\(error)"
            if settle({ $0.failed("the issuer \(url) cannot be asked: \(reason)") }) {
                logger.warning("issuer.unavailable", metadata: ["issuer": "\(url)", "error": "\(reason)"])
            }
        }
    }

    private func everything() async throws(IssuerDocument.Failure) -> (IssuerMetadata, PublicKeys) {
        let metadata = try await discover()
        guard needsKeys else { return (metadata, PublicKeys()) }
        guard let place = metadata.keys else { throw IssuerDocument.Failure("the metadata of \(url) has no jwks_uri") }
        return (metadata, try await PublicKeys(documents.get(place)))
    }

    private func settle<Value: Sendable>(_ change: (inout IssuerMachine) -> Value) -> Value {
        let (value, waiting) = state.withLock { state in (change(&state.machine), state.takeWaiting()) }
        for continuation in waiting { continuation.resume() }
        return value
    }

    private func discover() async throws(IssuerDocument.Failure) -> IssuerMetadata {
        var failures: [String] = []
        for place in IssuerMetadata.places(of: url) {
            let json: JSON
            do {
                json = try await documents.get(place)
            } catch {
                failures.append(error.description)
                continue
            }
            return try IssuerMetadata(json, of: url)
        }
        throw IssuerDocument.Failure(failures.joined(separator: "; "))
    }
}

extension Issuer {
    /// What keeps a token from being judged, or from being good.
    enum TokenProblem: Error {
        case refused(TokenRefusal)
        case unavailable(TokenOutage)

        var verdict: TokenVerdict {
            switch self {
            case .refused(let refusal): .refused(refusal)
            case .unavailable(let outage): .unavailable(outage)
            }
        }
    }
}
