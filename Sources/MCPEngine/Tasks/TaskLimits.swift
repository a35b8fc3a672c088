/// The bounds of tasks.
package struct TaskLimits: Sendable {
    /// Tasks kept for one principal, those that are over among them.
    package var perOwner = 100
    package var inAll = 2_000
    /// From its creation to the end of its existence: what a tool gets that asks for nothing, and the most it gets.
    package var ttl: Duration = .seconds(24 * 3600)
    /// How often clients are told to ask.
    package var pollInterval: Duration = .seconds(1)
    /// A result's bytes.
    package var result = 2 << 20
    /// Questions over a task's life.
    package var questions = 64
    /// Of all questions of a task.
    package var questionBytes = 256 << 10
    /// Of all answers to a task.
    package var answerBytes = 1 << 20
    /// How soon this process notices what another has done to a task.
    package var reconciliation: Duration = .seconds(2)
    /// How often expired tasks, and those of processes that have ended, are looked for.
    package var sweep: Duration = .seconds(16)

    package init() {}
}
