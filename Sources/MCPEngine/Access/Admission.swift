package import FoundationEssentials

/// Who was let in, and how far.
package struct Admission: Sendable, Equatable {
    package var principal: Principal
    package var scopes: ScopeSet
    /// From when on what was presented is refused; nil when it does not end by itself. A running call may outlive it, a
    /// listening stream does not.
    package var expires: Date?
    /// Nothing was presented, where something of the server is open to who presents nothing (O-17).
    package var isVisitor = false

    /// - Parameter scopes: Keys and open access have all.
    package init(_ principal: Principal, scopes: ScopeSet = .all, expires: Date? = nil) {
        self.principal = principal
        self.scopes = scopes
        self.expires = expires
    }

    /// Who presents nothing where ``AccessPolicy/Visitors`` admits them.
    package static let visitor: Admission = {
        var admission = Admission(.anonymous, scopes: .none)
        admission.isVisitor = true
        return admission
    }()
}
