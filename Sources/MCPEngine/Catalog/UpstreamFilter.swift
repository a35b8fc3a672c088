/// Which tools of an upstream are offered, by the names that its server gives them.
package struct UpstreamFilter: Sendable, Equatable {
    private let allowed: [Pattern]
    private let denied: [Pattern]

    /// - Parameters:
    ///   - allow: Names, in which `*` stands for any part, also none.
    ///   - deny: Wins over `allow`.
    package init(allow: [String] = ["*"], deny: [String] = []) {
        allowed = allow.map(Pattern.init)
        denied = deny.map(Pattern.init)
    }

    package func offers(_ tool: String) -> Bool {
        allowed.contains { $0.matches(tool) } && !denied.contains { $0.matches(tool) }
    }

    /// A name in pieces: what stands before, between and after its stars.
    private struct Pattern: Sendable, Equatable {
        private let pieces: [[UInt8]]

        init(_ text: String) {
            pieces = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
        }

        func matches(_ name: String) -> Bool {
            var rest = Array(name.utf8)[...]
            guard let first = pieces.first, let last = pieces.last else { return rest.isEmpty }
            guard pieces.count > 1 else { return rest.elementsEqual(first) }
            guard rest.starts(with: first) else { return false }
            rest = rest.dropFirst(first.count)
            for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
                // The first place is as good as any: what comes after it has the most room.
                guard let place = rest.firstRange(of: piece) else { return false }
                rest = rest[place.upperBound...]
            }
            return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
        }
    }
}
