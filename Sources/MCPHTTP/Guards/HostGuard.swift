/// Refuses requests addressed to a name that is not ours: the mark of DNS rebinding (2025-11-25, basic/transports,
/// Security Warning).
package struct HostGuard: Sendable {
    private let names: Set<String>?

    /// Admits every name: for addresses that are public anyway.
    package static let any = HostGuard(names: nil)

    private init(names: Set<String>?) { self.names = names }

    /// - Parameter names: Host names and addresses, without ports; IPv6 without brackets.
    package init(allowed names: [String]) {
        self.names = Set(names.map { $0.lowercased() })
    }

    package var isStrict: Bool { names != nil }

    /// - Parameter authority: The `Host` header, with or without a port.
    package func admits(_ authority: String?) -> Bool {
        guard let names else { return true }
        guard let authority else { return false }
        return names.contains(Self.name(in: authority))
    }

    static func name(in authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return authority[authority.index(after: authority.startIndex)..<end].lowercased()
        }
        let end = authority.utf8.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        return authority[..<end].lowercased()
    }
}
