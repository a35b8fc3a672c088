import FoundationEssentials
import MCPProtocol

/// A list cut into pages, each the whole result of one request, and the cursors that lead from one to the next.
enum ListPages {
    static func make(
        _ kind: ListKind, _ items: [JSON], _ version: ProtocolVersion, _ policy: CatalogPolicy
    ) -> [[UInt8]] {
        let envelope = ResultEnvelope(version: version, serverInfo: policy.identity)
        let size = max(1, policy.pageSize)
        let count = max(1, (items.count + size - 1) / size)
        return (0..<count).map { number in
            envelope.list(
                kind.member, Array(items.dropFirst(number * size).prefix(size)),
                nextCursor: number + 1 < count ? cursor(of: number + 1) : nil, cache: policy.lists[kind] ?? .none)
        }
    }

    private static let prefix = "page:"

    private static func cursor(of number: Int) -> String {
        Data("\(prefix)\(number)".utf8).base64EncodedString()
    }

    /// Nil unless it is exactly what ``cursor(of:)`` makes of a number.
    static func number(of cursor: String) -> Int? {
        guard let data = Data(base64Encoded: cursor) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard text.hasPrefix(prefix), let number = Int(text.dropFirst(prefix.count)), number > 0,
            Self.cursor(of: number) == cursor
        else { return nil }
        return number
    }
}
