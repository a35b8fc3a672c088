package import MCPProtocol
import Synchronization

/// One `subscriptions/listen` request, for as long as its stream is open.
package struct ListenKey: Hashable, Sendable {
    package var value: UInt64
}

/// Everyone who listens in the per-request era. Each listener has a log of its own, which only holds what its filter
/// admits; nothing is kept for a listener that is gone (M-29, Q-43).
package final class ListenHub: Sendable {
    private struct Listener {
        var id: RequestID
        var filter: ListenFilter
        var log: EventLog
    }

    private struct State {
        var listeners: [ListenKey: Listener] = [:]
        var next: UInt64 = 0
        var isClosing = false
    }

    private let state = Mutex(State())
    private let identity: Implementation
    private let limits: EventLog.Limits

    package init(identity: Implementation, limits: EventLog.Limits) {
        self.identity = identity
        self.limits = limits
    }

    /// The new listener's log, which begins with the acknowledgment; nil when the server is stopping.
    /// - Parameter filter: What is granted, not what was asked for.
    package func open(_ request: Request, filter: ListenFilter) -> (key: ListenKey, log: EventLog)? {
        let log = EventLog(owed: 1, limits: limits)
        let key = state.withLock { state -> ListenKey? in
            if state.isClosing { return nil }
            state.next += 1
            let key = ListenKey(value: state.next)
            state.listeners[key] = Listener(id: request.id, filter: filter, log: log)
            // Before anyone can announce something to it: the acknowledgment comes first.
            log.append(
                Self.notification(Method.subscriptionsAcknowledged, ("notifications", filter.json), to: request.id))
            return key
        }
        return key.map { ($0, log) }
    }

    package func close(_ key: ListenKey) {
        state.withLock { state in _ = state.listeners.removeValue(forKey: key) }
    }

    package var count: Int { state.withLock { $0.listeners.count } }

    /// `method` to everyone whose filter admits it.
    package func announce(
        _ method: String, _ member: (name: String, value: JSON)? = nil, where admits: (ListenFilter) -> Bool
    ) {
        let listeners = state.withLock { state in state.listeners.values.filter { admits($0.filter) } }
        for listener in listeners {
            listener.log.announce(Self.notification(method, member, to: listener.id))
        }
    }

    /// Ends every stream with its result, as a stopping server does.
    package func endAll() {
        let listeners = state.withLock { state in
            state.isClosing = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { conclude(listener) }
    }

    /// Ends one stream with its result.
    package func end(_ key: ListenKey) {
        if let listener = state.withLock({ $0.listeners.removeValue(forKey: key) }) { conclude(listener) }
    }

    private func conclude(_ listener: Listener) {
        let envelope = ResultEnvelope(version: .v2026_07_28, serverInfo: identity)
        let result = envelope.result(meta: .object([(MetaKey.subscriptionID, listener.id.json)]))
        listener.log.answer(Wire.result(raw: result, id: listener.id))
    }

    private static func notification(
        _ method: String, _ member: (name: String, value: JSON)?, to id: RequestID
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("_meta")
        writer.beginObject()
        writer.name(MetaKey.subscriptionID)
        id.write(to: &writer)
        writer.endObject()
        if let member { writer.member(member.name, member.value) }
        writer.endObject()
        return Wire.notification(method, raw: writer.bytes)
    }
}
