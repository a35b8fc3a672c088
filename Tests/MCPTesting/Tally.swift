import Synchronization

/// A number that many tasks may raise.
package final class Tally: Sendable {
    private let number = Atomic(0)

    package init() {}

    package func raise() { number.add(1, ordering: .relaxed) }
    package var count: Int { number.load(ordering: .relaxed) }
}
