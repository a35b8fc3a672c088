package import MCPProtocol
import Synchronization

/// Everything in flight in this process, whoever it is for: the bound per principal, and what a shutdown waits for.
package final class Ledger: Sendable {
    package enum Refusal: Equatable, Sendable { case tooManyInFlight, shuttingDown }

    private struct State {
        var open: [ExchangeKey: Entry] = [:]
        var perPrincipal: [String: Int] = [:]
        var nextKey: UInt64 = 0
        var isClosing = false
        var onEmpty: [CheckedContinuation<Void, Never>] = []
    }

    private struct Entry {
        var exchange: Exchange
        var hasSession: Bool
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: Requests in flight at once for one principal.
    package init(limit: Int) {
        self.limit = limit
    }

    package func makeKey() -> ExchangeKey {
        state.withLock { state in
            state.nextKey += 1
            return ExchangeKey(state.nextKey)
        }
    }

    package func begin(_ exchange: Exchange, hasSession: Bool) -> Refusal? {
        state.withLock { state in
            if state.isClosing { return .shuttingDown }
            guard state.perPrincipal[exchange.principal.id, default: 0] < limit else { return .tooManyInFlight }
            state.perPrincipal[exchange.principal.id, default: 0] += 1
            state.open[exchange.key] = Entry(exchange: exchange, hasSession: hasSession)
            return nil
        }
    }

    package func end(_ exchange: Exchange) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.open.removeValue(forKey: exchange.key) != nil else { return [] }
            let left = state.perPrincipal[exchange.principal.id, default: 1] - 1
            state.perPrincipal[exchange.principal.id] = left > 0 ? left : nil
            return Self.waiting(ifEmpty: &state)
        }
        for continuation in waiting { continuation.resume() }
    }

    package var count: Int { state.withLock { $0.open.count } }

    /// The session-less request of `principal` that `notifications/cancelled` for `id` means, if it means exactly one.
    /// Those of the per-request era end with their connection alone (H-72).
    package func cancellable(_ id: RequestID, of principal: Principal) -> Exchange? {
        state.withLock { state in
            let matches = state.open.values.filter {
                !$0.hasSession && $0.exchange.envelope.version.era == .handshake && $0.exchange.id == id
                    && $0.exchange.principal.id == principal.id
            }
            return matches.count == 1 ? matches[0].exchange : nil
        }
    }

    // MARK: Shutdown

    package func close() {
        state.withLock { $0.isClosing = true }
    }

    package var isClosing: Bool { state.withLock { $0.isClosing } }

    package var exchanges: [Exchange] { state.withLock { $0.open.values.map(\.exchange) } }

    package func waitUntilEmpty() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.open.isEmpty || Task.isCancelled { return true }
                    state.onEmpty.append(continuation)
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.onEmpty = [] }
                return state.onEmpty
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private static func waiting(ifEmpty state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.open.isEmpty else { return [] }
        defer { state.onEmpty = [] }
        return state.onEmpty
    }
}
