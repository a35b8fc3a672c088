import Logging
import MCPProtocol
import Synchronization

/// Keeps the catalog current and says when it really changed.
package final class CatalogService: Sendable {
    private let catalog: Mutex<Catalog>
    private let locals: [LocalUpstream]
    private let onChange: @Sendable () -> Void

    /// Swift tools are on offer at once: nothing has to start first.
    package init(_ locals: [LocalUpstream], onChange: @escaping @Sendable () -> Void) {
        self.locals = locals
        self.onChange = onChange
        catalog = Mutex(Self.build(locals))
        for local in locals { local.onOfferChange { [weak self] in self?.rebuild() } }
    }

    package var current: Catalog { catalog.withLock { $0 } }

    private func rebuild() {
        let changed = catalog.withLock { catalog in
            let next = Self.build(locals)
            defer { catalog = next }
            return !next.offersTheSame(as: catalog)
        }
        if changed { onChange() }
    }

    private static func build(_ locals: [LocalUpstream]) -> Catalog {
        Catalog(locals.map { ($0, $0.currentOffer) })
    }
}
