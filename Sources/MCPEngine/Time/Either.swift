/// Returns when one of the two is over: the other is cancelled, and has ended too.
package func either(
    _ first: @escaping @Sendable () async -> Void, or second: @escaping @Sendable () async -> Void
) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask(operation: first)
        group.addTask(operation: second)
        await group.next()
        group.cancelAll()
    }
}
