import Crypto
package import MCPProtocol

/// The request that a sealed state belongs to: whose it is, its method, and everything that is asked for in its params.
package struct RequestStateBinding: Sendable {
    let principal: String
    let method: String
    let parameters: [UInt8]

    /// What differs between a request and its retry.
    private static let passing: Set<String> = ["inputResponses", "requestState", "_meta"]

    /// - Parameter params: All params of the request; the order of members and the spelling of strings and whole
    ///   numbers do not matter, since a client may write its params anew for every round.
    package init(principal: Principal, method: String, params: JSON?) {
        self.principal = principal.id
        self.method = method
        var hash = SHA256()
        let members = (params?.members ?? []).filter { !Self.passing.contains($0.name) }
        Self.feed(members, to: &hash)
        parameters = Array(hash.finalize())
    }

    /// Every part says how long it is, so that no two values feed the same bytes.
    private static func feed(_ value: JSON, to hash: inout SHA256) {
        switch value.kind {
        case .null: feed("n", [], to: &hash)
        case .bool: feed(value.bool == true ? "t" : "f", [], to: &hash)
        case .number:
            if let integer = value.integer {
                feed("i", Array(String(integer).utf8), to: &hash)
            } else {
                feed("d", Array(value.bytes), to: &hash)
            }
        case .string: feed("s", Array((value.string ?? "").utf8), to: &hash)
        case .array:
            let elements = value.elements ?? []
            feed("a", Array(String(elements.count).utf8), to: &hash)
            for element in elements { feed(element, to: &hash) }
        case .object: feed(value.members ?? [], to: &hash)
        }
    }

    private static func feed(_ members: [(name: String, value: JSON)], to hash: inout SHA256) {
        feed("o", Array(String(members.count).utf8), to: &hash)
        for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            feed("m", Array(member.name.utf8), to: &hash)
            feed(member.value, to: &hash)
        }
    }

    private static func feed(_ mark: Unicode.Scalar, _ bytes: [UInt8], to hash: inout SHA256) {
        hash.update(data: [UInt8(ascii: mark)] + Self.length(bytes.count) + bytes)
    }

    static func length(_ count: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
    }

    /// What a sealed state is authenticated together with.
    func bytes(header: [UInt8]) -> [UInt8] {
        let (principal, method) = (Array(principal.utf8), Array(method.utf8))
        return header + Self.length(principal.count) + principal + Self.length(method.count) + method + parameters
    }
}
