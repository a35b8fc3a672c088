import Foundation
import Synchronization

/// The concurrency runtime's global queue, taken over: every job of every task waits here, and a seeded dealer says which
/// runs next, one at a time on one thread. Why this way is in Docs/decisions/0030.
enum JobQueue {
    private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
    private typealias EnqueueHook = @convention(thin) (UnownedJob, Enqueue) -> Void

    private static let ready = Mutex<[UnownedJob]>([])
    private static let executor = Unreachable()

    /// From now on nothing runs but through ``run(with:idle:after:)``.
    static func takeOver() {
        let enqueue: EnqueueHook = { job, _ in JobQueue.add(job) }
        place(of: "swift_task_enqueueGlobal_hook").pointee = enqueue
        // Real time has no part in this: whoever sleeps by it would make two runs differ. The hooks take more arguments,
        // which does not matter to what never returns.
        let sleep: EnqueueHook = { _, _ in Simulation.fail("simulation: something sleeps by the real clock") }
        place(of: "swift_task_enqueueGlobalWithDelay_hook").pointee = sleep
        place(of: "swift_task_enqueueGlobalWithDeadline_hook").pointee = sleep
    }

    private static func place(of name: String) -> UnsafeMutablePointer<EnqueueHook?> {
        #if os(macOS)
            let everything = UnsafeMutableRawPointer(bitPattern: -2)
        #else
            let everything: UnsafeMutableRawPointer? = nil
        #endif
        guard let symbol = dlsym(everything, name) else { Simulation.fail("simulation: this runtime has no \(name)") }
        return symbol.assumingMemoryBound(to: EnqueueHook?.self)
    }

    /// Runs jobs, in an order that `dice` deals, until `isOver` after one of them.
    /// - Parameter idle: Called when nothing can run; false when nothing ever will.
    /// - Returns: Whether it came to its end; false when everybody waits for somebody else.
    static func run(with dice: Dice, idle: () -> Bool, after step: (_ dealt: Int, _ of: Int) -> Bool) -> Bool {
        while true {
            let (job, dealt, count) = ready.withLock { ready -> (UnownedJob?, Int, Int) in
                if ready.isEmpty { return (nil, 0, 0) }
                let (count, dealt) = (ready.count, dice.deal(ready.count))
                return (ready.remove(at: dealt), dealt, count)
            }
            if let job {
                job.runSynchronously(on: executor.asUnownedSerialExecutor())
                if step(dealt, count) { return true }
            } else if !idle() {
                return false
            }
        }
    }

    /// Lets go of what a run left behind.
    static func clear() { ready.withLock { $0 = [] } }

    private static func add(_ job: UnownedJob) { ready.withLock { $0.append(job) } }

    /// Jobs are run as if by it; nothing is ever enqueued on it.
    private final class Unreachable: SerialExecutor {
        func enqueue(_ job: consuming ExecutorJob) { JobQueue.add(UnownedJob(job)) }
    }
}
