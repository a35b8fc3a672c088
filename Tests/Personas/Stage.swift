import AsyncHTTPClient
import Synchronization

/// What all visitors share.
struct Stage: Sendable {
    let options: Options
    let http: HTTPClient
    let pace: Pace
    let tally: Tally
    /// Nil where calls leave no lines.
    let ledger: Ledger?
    let connections = Connections()
    /// Those of P9, who are taken for somebody else each.
    let keys: KeyPool
    let turns = Turns()
}

/// Whose turn it is, so that everything comes about however short the run.
final class Turns: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}
