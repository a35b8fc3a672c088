#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A child and its descendants, as far as they have stayed in its group.
struct ProcessGroup {
    let leader: pid_t

    /// Whether the child has ended; it has not been reaped yet.
    static func hasEnded(_ child: pid_t) -> Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(child), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return true }
        return information.si_signo == SIGCHLD
    }

    /// Ends those that have outlived the leader: SIGTERM, then SIGKILL.
    ///
    /// The number of a group is not given away again as long as anyone is in it, so a signal can only go astray if the
    /// group ends and its number comes round again within one interval.
    func end(within grace: Duration) async {
        guard kill(-leader, SIGTERM) == 0, await !isEmpty(within: grace), kill(-leader, SIGKILL) == 0 else { return }
        // Nobody can refuse that, but it takes a moment; and zombies that their new parent does not reap stay.
        _ = await isEmpty(within: .seconds(1))
    }

    private func isEmpty(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return false }
            guard kill(-leader, 0) == 0 else { return true }
        }
        return false
    }
}
