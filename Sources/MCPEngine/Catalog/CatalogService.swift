import Synchronization

/// Keeps the catalog current and says when it really changed.
package final class CatalogService: Sendable {
    private let catalog: Mutex<Catalog>
    let upstreams: [any Upstream]
    private let policy: CatalogPolicy
    private let onChange: @Sendable (Set<ListKind>) -> Void

    /// What upstreams offer at this moment is on offer at once: nothing has to start first.
    package init(
        _ upstreams: [any Upstream], policy: CatalogPolicy, onChange: @escaping @Sendable (Set<ListKind>) -> Void,
        onUpdate: @escaping @Sendable (_ uri: String) -> Void
    ) {
        self.upstreams = upstreams
        self.policy = policy
        self.onChange = onChange
        catalog = Mutex(Catalog([], policy: policy))
        for upstream in upstreams {
            upstream.observe(
                UpstreamObserver(offerChanged: { [weak self] in self?.rebuild() }, resourceUpdated: onUpdate))
        }
        // What changed before it was observed; nobody has seen the catalog yet.
        catalog.withLock { $0 = Self.build(upstreams, policy) }
    }

    package var current: Catalog { catalog.withLock { $0 } }

    private func rebuild() {
        let changes = catalog.withLock { catalog in
            let next = Self.build(upstreams, policy)
            defer { catalog = next }
            return catalog.changes(to: next)
        }
        if !changes.isEmpty { onChange(changes) }
    }

    private static func build(_ upstreams: [any Upstream], _ policy: CatalogPolicy) -> Catalog {
        Catalog(upstreams.map { ($0, $0.offer) }, policy: policy)
    }
}
