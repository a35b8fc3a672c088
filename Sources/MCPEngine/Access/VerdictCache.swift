import Crypto
import Synchronization

/// Remembers for a short time what a verifier said. However many requests come with one token at once, it is asked
/// about once. Tokens themselves are not kept.
package final class VerdictCache: TokenVerifier {
    private struct State {
        var table: VerdictTable
        var waiting: [SHA256Digest: [CheckedContinuation<TokenVerdict?, Never>]] = [:]
    }

    private let verifier: any TokenVerifier
    private let time: any TimeSource
    private let state: Mutex<State>

    package init(
        _ verifier: any TokenVerifier, limits: VerdictTable.Limits = .init(), time: any TimeSource = SystemTime()
    ) {
        self.verifier = verifier
        self.time = time
        state = Mutex(State(table: VerdictTable(limits: limits)))
    }

    package var count: Int { state.withLock { $0.table.count } }

    package func forgetAll() { state.withLock { $0.table.forgetAll() } }

    package func verify(_ token: String) async -> TokenVerdict {
        var token = token
        let key = token.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) }
        while true {
            switch state.withLock({ $0.table.begin(key, at: time.now, time.date) }) {
            case .known(let admission): return .admitted(admission)
            case .refused(let refusal): return .refused(refusal)
            case .full:
                return .unavailable(TokenOutage(retryAfter: 1, "too many unknown tokens are being verified at once"))
            case .ask: return await ask(about: token, key)
            case .wait: if let verdict = await wait(for: key) { return verdict }
            }
        }
    }

    private func ask(about token: String, _ key: SHA256Digest) async -> TokenVerdict {
        let verdict = await verifier.verify(token)
        // Who was called off has found out nothing; one of those who wait asks again.
        let found: TokenVerdict? = Task.isCancelled ? nil : verdict
        let waiting = state.withLock { state in
            state.table.end(key, found, at: time.now)
            return state.waiting.removeValue(forKey: key) ?? []
        }
        for continuation in waiting { continuation.resume(returning: found) }
        return verdict
    }

    private func wait(for key: SHA256Digest) async -> TokenVerdict? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.table.isAsking(key) else { return true }
                state.waiting[key, default: []].append(continuation)
                return false
            }
            if isOver { continuation.resume(returning: nil) }
        }
    }
}
