/// Who wants to hear of a resource: a session that has subscribed to it, or a stream that listens for it.
package enum ResourceWatcher: Hashable, Sendable {
    case session(SessionKey)
    case listener(UInt64)

    var session: SessionKey? {
        guard case .session(let key) = self else { return nil }
        return key
    }
}

/// What is watched in which conversation. A server is asked once for what many watch (B-60).
struct ResourceWatches: Sendable {
    private var watchers: [ConversationPool.Key: [String: Set<ResourceWatcher>]] = [:]

    /// Whether it is the first to watch that.
    mutating func add(_ watcher: ResourceWatcher, to uri: String, in key: ConversationPool.Key) -> Bool {
        let isFirst = watchers[key]?[uri] == nil
        watchers[key, default: [:]][uri, default: []].insert(watcher)
        return isFirst
    }

    /// Whether it was the last to watch that.
    mutating func remove(_ watcher: ResourceWatcher, from uri: String, in key: ConversationPool.Key) -> Bool {
        guard watchers[key]?[uri]?.remove(watcher) != nil, watchers[key]?[uri]?.isEmpty == true else { return false }
        watchers[key]?[uri] = nil
        if watchers[key]?.isEmpty == true { watchers[key] = nil }
        return true
    }

    /// What nobody watches any more without it.
    mutating func removeAll(of watcher: ResourceWatcher) -> [(key: ConversationPool.Key, uri: String)] {
        var left: [(key: ConversationPool.Key, uri: String)] = []
        for (key, uris) in watchers {
            for uri in uris.keys where remove(watcher, from: uri, in: key) { left.append((key, uri)) }
        }
        return left
    }

    func uris(in key: ConversationPool.Key) -> [String] { (watchers[key] ?? [:]).keys.sorted() }
    var uris: Set<String> { Set(watchers.values.flatMap(\.keys)) }
}
