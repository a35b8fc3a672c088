import MCPEngine

/// What one run came to.
struct Schedule {
    var seed: Int
    var objections: [String]
    var reached: Set<String>
    var fingerprint: UInt64
    var steps: Int
    var story: [String]

    private static let mostSteps = 200_000

    /// Plays one seed from its beginning to its end.
    static func play(seed: Int, tells: Bool = false) -> Schedule {
        let run = Run(seed: seed, tells: tells)
        let witness = run.witness
        Task { await run.main() }
        var steps = 0
        let ends = JobQueue.run(with: run.dice) {
            run.checkAtRest()
            return run.time.advance()
        } after: { dealt, count in
            steps += 1
            witness.trace(UInt64(dealt) << 32 | UInt64(count))
            run.check()
            return run.isOver || steps > mostSteps || witness.objections.count > 20
        }
        if !ends { witness.object("everybody waits for somebody else") }
        if steps > mostSteps { witness.object("it goes on for ever") }
        JobQueue.clear()
        run.forget()
        witness.trace(UInt64(run.time.now.milliseconds))
        return Schedule(
            seed: seed, objections: witness.objections, reached: witness.reached, fingerprint: witness.fingerprint,
            steps: steps, story: witness.story)
    }
}
