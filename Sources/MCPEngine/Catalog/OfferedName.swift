/// Names under which the tools and prompts of several upstreams stand beside each other: the upstream's prefix, `_`, and
/// the name that its server gives (B-94). Each can be told apart from all others, and taken back.
package enum OfferedName {
    /// The protocol allows 128 (M-34), but some clients and model APIs only these.
    package static let limit = 64
    private static let separator = "_"

    /// Nil when it would be longer than ``limit``.
    package static func make(_ name: String, prefix: String) -> String? {
        let offered = prefix + separator + name
        return offered.utf8.count <= limit ? offered : nil
    }

    /// What ``make(_:prefix:)`` was given; nil when it cannot have made this.
    package static func original(_ offered: String, prefix: String) -> String? {
        let head = prefix + separator
        guard offered.utf8.count <= limit, offered.utf8.starts(with: head.utf8) else { return nil }
        return String(offered.dropFirst(head.count))
    }

    /// The first two upstreams whose prefixes could make one name of two: they are equal, or one begins with the other
    /// and the separator.
    package static func ambiguity(among upstreams: [(name: String, prefix: String)]) -> (String, String)? {
        for (index, first) in upstreams.enumerated() {
            for second in upstreams.dropFirst(index + 1) {
                let heads = (first.prefix + separator, second.prefix + separator)
                if heads.0.utf8.starts(with: heads.1.utf8) || heads.1.utf8.starts(with: heads.0.utf8) {
                    return (first.name, second.name)
                }
            }
        }
        return nil
    }
}
