import GRDB
import MCPEngine

/// One search in the full-text index, with a bound on its work however many memories a word matches.
///
/// 1. Each term is asked for its newest ``reach`` memories: that also tells rare terms from common ones.
/// 2. Of the memories with every term, the newest ``reach`` are ranked with bm25. To weigh a term FTS5 reads all of its
///    matches; so the rarest terms rank, as many as have ``budget`` matches together. Common ones say little.
/// 3. If these are too few, those with some of the terms follow, by the weight of what they match.
struct MemorySearch {
    let index: MemoryIndex
    let query: SearchQuery
    let tags: String?
    let limit: Int

    static let reach = 500
    static let budget = 100_000.0

    private struct Probe {
        var phrase: String
        var numbers: [Int64]
        /// How many memories match: beyond ``reach``, estimated from how close together the newest matches are.
        var matches: Double {
            guard numbers.count >= MemorySearch.reach, let last = numbers.first, let first = numbers.last else {
                return Double(numbers.count)
            }
            return Double(numbers.count) * Double(last) / Double(last - first + 1)
        }
        /// A term with few matches weighs more.
        var weight: Double { 1 / max(1, matches).squareRoot().squareRoot() }
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
        var probes = try query.terms.map { try probe(index.phrase($0), in: db) }
        var found = try every(of: probes, in: db)
        // Where the last word itself is hardly known, the beginning of a word is meant.
        if found.count < limit, query.endsOpen, let last = query.terms.last,
            probes[probes.count - 1].numbers.count < limit
        {
            probes[probes.count - 1] = try probe(index.phrase(last, open: true), in: db)
            let known = Set(found)
            found += try every(of: probes, in: db).filter { !known.contains($0) }
        }
        if found.count < limit, probes.count > 1 {
            found += some(of: probes, without: Set(found))
        }
        return Array(found.prefix(limit))
    }

    private func probe(_ phrase: String, in db: Database) throws -> Probe {
        Probe(phrase: phrase, numbers: try newest(with: [phrase], in: db))
    }

    /// The best of those that match every probe.
    private func every(of probes: [Probe], in db: Database) throws -> [Int64] {
        guard probes.allSatisfy({ !$0.numbers.isEmpty }) else { return [] }
        let all = probes.count == 1 ? probes[0].numbers : try newest(with: probes.map(\.phrase), in: db)
        return try rank(all, by: probes, in: db)
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
        guard let last = numbers.first, let first = numbers.last, first < last else { return numbers }
        let sorted = probes.sorted { $0.matches < $1.matches }
        var budget = Self.budget - sorted[0].matches
        let rarest =
            sorted.prefix(1)
            + sorted.dropFirst().prefix { probe in
                budget -= probe.matches
                return budget >= 0
            }
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
