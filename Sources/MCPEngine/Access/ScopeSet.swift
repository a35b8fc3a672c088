/// What a credential allows, or what a request needs: scopes (RFC 6749, 3.3), or everything.
package struct ScopeSet: Sendable, Equatable {
    /// Discovery, lists, reads, prompts.
    package static let read = "mcp:read"
    /// Tools and tasks.
    package static let call = "mcp:call"

    /// A broader scope holds narrower ones.
    private static let narrower: [String: Set<String>] = [call: [read]]

    /// Nil for everything.
    private let given: Set<String>?

    /// What keys and open access allow.
    package static let all = ScopeSet(given: nil)
    package static let none = ScopeSet([])

    private init(given: Set<String>?) { self.given = given }

    /// - Parameter names: Each as ``isScope(_:)`` wants it.
    package init(_ names: some Sequence<String>) { given = Set(names) }

    /// Nil when a part of the text cannot be a scope. Spaces too many are forgiven: some clients send them.
    package init?(parsing text: String) {
        let names = text.split(separator: " ").map(String.init)
        guard names.allSatisfy(Self.isScope) else { return nil }
        self.init(names)
    }

    /// Printable ASCII without spaces, quotes and backslashes.
    package static func isScope(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
            }
    }

    package var isEverything: Bool { given == nil }

    /// In alphabetical order; empty for everything, which has no names.
    package var names: [String] { (given ?? []).sorted() }

    /// As a `scope` parameter has it.
    package var text: String { names.joined(separator: " ") }

    /// Whether who has these may do what takes `needed`.
    package func covers(_ needed: ScopeSet) -> Bool {
        guard let given else { return true }
        guard let wanted = needed.given else { return false }
        return wanted.allSatisfy { name in
            given.contains(name) || given.contains { Self.narrower[$0]?.contains(name) == true }
        }
    }

    package func union(_ other: ScopeSet) -> ScopeSet {
        guard let given, let more = other.given else { return .all }
        return ScopeSet(given: given.union(more))
    }
}
