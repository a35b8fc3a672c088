import GRDB
import MCPEngine

/// One search in the full-text index, with a bound on its work however many memories a word matches.
///
/// 1. Each term is asked for its newest ``reach`` memories: that also tells rare terms from common ones.
/// 2. Of the memories with every term, the newest ``reach`` are ranked with bm25, by the ``ranked`` rarest terms: to weigh a
///    term FTS5 reads all of its matches, and common terms say little.
/// 3. If these are too few, those with some of the terms follow, by the weight of what they match.
struct MemorySearch {
    let index: MemoryIndex
    let query: SearchQuery
    let tags: String?
    let limit: Int

    static let reach = 500
    static let ranked = 4

    private struct Probe {
        var phrase: String
        var numbers: [Int64]
        /// A term with few matches weighs more.
        var weight: Double { 1 / Double(max(1, numbers.count)).squareRoot().squareRoot() }
    }

    init(_ query: SearchQuery, tags: [String], limit: Int, index: MemoryIndex) {
        self.index = index
        self.query = query
        self.tags = index.phrase(tags: tags)
        self.limit = limit
    }

    /// The numbers of the memories found, best first.
    func run(in db: Database) throws -> [Int64] {
        guard !query.terms.isEmpty else {
            return try tags.map { try newest($0, limit: limit, in: db) } ?? []
        }
        let probes = try query.terms.enumerated().map { number, term in
            try probe(term, isLast: number == query.terms.count - 1, in: db)
        }
        var found: [Int64] = []
        if probes.allSatisfy({ !$0.numbers.isEmpty }) {
            let all = probes.count == 1 ? probes[0].numbers : try newest(with: probes.map(\.phrase), in: db)
            found = Array(try rank(all, by: probes, in: db).prefix(limit))
        }
        if found.count < limit, probes.count > 1 {
            found += some(of: probes, without: Set(found)).prefix(limit - found.count)
        }
        return found
    }

    private func probe(_ term: SearchQuery.Term, isLast: Bool, in db: Database) throws -> Probe {
        let probe = Probe(phrase: index.phrase(term), numbers: try newest(with: [index.phrase(term)], in: db))
        // The beginning of a word is meant where the word itself is hardly known.
        guard isLast, query.endsOpen, probe.numbers.count < limit else { return probe }
        let open = index.phrase(term, open: true)
        return Probe(phrase: open, numbers: try newest(with: [open], in: db))
    }

    private func newest(with phrases: [String], in db: Database) throws -> [Int64] {
        try newest((phrases + (tags.map { [$0] } ?? [])).joined(separator: " AND "), limit: Self.reach, in: db)
    }

    /// FTS5 walks its lists from the end for this, and stops at the limit.
    private func newest(_ match: String, limit: Int, in db: Database) throws -> [Int64] {
        let statement = try db.cachedStatement(
            sql: "SELECT rowid FROM memory_index WHERE memory_index MATCH ? ORDER BY rowid DESC LIMIT ?")
        return try Int64.fetchAll(statement, arguments: [match, limit])
    }

    /// `numbers`, newest first, in the order of their rank; of equals the newest stays first.
    private func rank(_ numbers: [Int64], by probes: [Probe], in db: Database) throws -> [Int64] {
        guard let last = numbers.first, let first = numbers.last, numbers.count > 1 else { return numbers }
        let rarest = probes.sorted { $0.numbers.count < $1.numbers.count }.prefix(Self.ranked)
        let statement = try db.cachedStatement(
            sql: """
                SELECT rowid FROM memory_index
                WHERE memory_index MATCH ? AND rowid BETWEEN ? AND ? AND +rowid IN (SELECT value FROM json_each(?))
                ORDER BY \(MemoryIndex.rank), rowid DESC LIMIT ?
                """)
        let list = "[" + numbers.map(String.init).joined(separator: ",") + "]"
        return try Int64.fetchAll(
            statement, arguments: [rarest.map(\.phrase).joined(separator: " AND "), first, last, list, limit])
    }

    private func some(of probes: [Probe], without found: Set<Int64>) -> [Int64] {
        var weights: [Int64: Double] = [:]
        for probe in probes {
            for number in probe.numbers where !found.contains(number) {
                weights[number, default: 0] += probe.weight
            }
        }
        return weights.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.map(\.key)
    }
}
