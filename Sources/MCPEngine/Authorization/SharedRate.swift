import Synchronization

/// A ``RateMachine`` that many requests ask.
final class SharedRate: Sendable {
    private let machine: Mutex<RateMachine>
    private let time: any TimeSource

    init(_ machine: RateMachine, time: any TimeSource) {
        self.machine = Mutex(machine)
        self.time = time
    }

    func attempt(_ name: String) -> Int? {
        let now = time.now
        return machine.withLock { $0.attempt(name, at: now) }
    }

    func forgive(_ name: String) { machine.withLock { $0.forgive(name) } }
}
