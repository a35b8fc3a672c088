import MCPEngine
import MCPTesting
import Synchronization

/// All chance of one run, from its seed: what clients do, what breaks, and which job runs next.
final class Dice: RandomSource {
    private struct State {
        var random: SplitMix64
        /// How often the job that has waited longest is taken, of 8.
        var patience: Int
    }

    private let state: Mutex<State>

    init(seed: Int) {
        var random = SplitMix64(seed: seed)
        let patience = [0, 0, 2, 6][Int(random.next() % 4)]
        state = Mutex(State(random: random, patience: patience))
    }

    func next() -> UInt64 { state.withLock { $0.random.next() } }

    /// Which of `count` jobs runs.
    func deal(_ count: Int) -> Int {
        guard count > 1 else { return 0 }
        return state.withLock { state in
            let number = state.random.next()
            if Int(number >> 60) & 7 < state.patience { return 0 }
            return Int((number & 0xFFFF_FFFF) % UInt64(count))
        }
    }

    func below(_ limit: Int) -> Int { limit < 2 ? 0 : Int((next() >> 16) % UInt64(limit)) }
    /// True so many times of 100.
    func percent(_ chance: Int) -> Bool { chance > 0 && below(100) < chance }
    func milliseconds(_ limit: Int) -> Duration { .milliseconds(below(limit)) }
    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
