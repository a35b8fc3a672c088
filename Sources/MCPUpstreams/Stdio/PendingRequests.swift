import MCPProtocol

/// Which requests wait for an answer, by their ids, and what each of them brought along for when it comes.
struct PendingRequests<Waiter> {
    struct Entry {
        var waiter: Waiter
        /// Whether any of it may have reached the server.
        var isWritten = false
    }

    private var entries: [RequestID: Entry] = [:]

    var count: Int { entries.count }

    /// False when a request of that id waits already.
    mutating func add(_ id: RequestID, _ waiter: Waiter) -> Bool {
        guard entries[id] == nil else { return false }
        entries[id] = Entry(waiter: waiter)
        return true
    }

    /// False when nobody waits for it any more, so that it need not be written.
    mutating func markWritten(_ id: RequestID) -> Bool {
        entries[id]?.isWritten = true
        return entries[id] != nil
    }

    mutating func take(_ id: RequestID) -> Entry? { entries.removeValue(forKey: id) }

    mutating func takeAll() -> [Entry] {
        defer { entries = [:] }
        return Array(entries.values)
    }
}
