package import FoundationEssentials

extension InMemoryStore: MemoryStore {
    package func store(
        id: String, owner: String, label: String?, content: String, tags: [String], priority: MemoryPriority,
        at date: Date
    ) throws -> MemoryRecord {
        let record = MemoryRecord(
            id: id, owner: owner, label: label, version: 1, content: content, tags: tags, priority: priority,
            created: date.wholeMilliseconds)
        return try withMemories { try $0.add(record) }
    }

    package func get(_ reference: MemoryReference, owner: String) -> MemoryRecord? {
        withMemories { $0.owners[owner]?.covered(by: reference).last }
    }

    package func list(
        _ filter: MemoryFilter, limit: Int, after: MemoryPosition?, excerpt: Int, owner: String
    ) -> [MemoryPreview] {
        newest(owner) { record in
            (filter.tag.map { record.tags.contains($0) } ?? true)
                && (filter.labelPrefix.map { record.label?.utf8.starts(with: $0.utf8) ?? false } ?? true)
                && (filter.priority.map { $0 == record.priority } ?? true)
                && (after.map { (record.created, record.id) < ($0.created, $0.id) } ?? true)
        }
        .prefix(max(0, limit))
        .map { MemoryPreview($0, excerpt: Excerpt(beginningOf: $0.content, length: excerpt)) }
    }

    package func search(
        _ query: String, tags: [String], limit: Int, excerpt: Int, owner: String
    ) -> [MemoryPreview] {
        let query = SearchQuery(query)
        let records = newest(owner) { record in tags.allSatisfy(record.tags.contains) }
        guard !query.terms.isEmpty else {
            return records.prefix(max(0, limit))
                .map { MemoryPreview($0, excerpt: Excerpt(beginningOf: $0.content, length: excerpt)) }
        }
        // A stable sort: of equals the newest stays first.
        return records.compactMap { record in Self.rank(record, query).map { (record, $0) } }
            .sorted { ($0.1.matched, $0.1.score) > ($1.1.matched, $1.1.score) }
            .prefix(max(0, limit))
            .map { MemoryPreview($0.0, excerpt: Excerpt(of: $0.0.content, around: query, length: excerpt)) }
    }

    /// How many terms match, and how well: a word in the label or a tag counts for four in the content, each further
    /// time counts less, and in a long text a word counts less. Nil when nothing matches.
    private static func rank(_ record: MemoryRecord, _ query: SearchQuery) -> (matched: Int, score: Double)? {
        let heading = query.counts(in: ([record.label ?? ""] + record.tags).joined(separator: "\n"))
        let content = query.counts(in: record.content)
        let weight = 1.2 * (0.25 + 0.75 * Double(record.content.utf8.count) / 500)
        let counts = zip(heading, content).map { Double(4 * $0 + $1) }
        let matched = counts.count { $0 > 0 }
        guard matched > 0 else { return nil }
        return (matched, counts.reduce(0) { $0 + $1 / ($1 + weight) })
    }

    package func covered(by reference: MemoryReference, excerpt: Int, owner: String) -> MemoryCoverage {
        let covered = withMemories { $0.owners[owner]?.covered(by: reference) ?? [] }
        return MemoryCoverage(
            versions: covered.count, bytes: covered.reduce(0) { $0 + $1.content.utf8.count },
            newest: covered.last.map {
                MemoryPreview($0, excerpt: Excerpt(beginningOf: $0.content, length: excerpt))
            })
    }

    package func forget(_ reference: MemoryReference, owner: String) -> Int {
        withMemories { $0.remove(reference, owner: owner) }
    }

    package func statistics(owner: String) -> MemoryStatistics {
        let newest = newest(owner) { _ in true }
        let (versions, bytes) = withMemories { memories in
            let records = memories.owners[owner]?.records.values.map(\.content.utf8.count) ?? []
            return (records.count, records.reduce(0, +))
        }
        return MemoryStatistics(
            memories: newest.count, versions: versions, bytes: bytes,
            byPriority: Dictionary(newest.map { ($0.priority, 1) }, uniquingKeysWith: +), newest: newest.first?.created)
    }

    package func handover(owner: String) -> (text: String, left: Date)? {
        withMemories { $0.owners[owner]?.handover }
    }

    package func leaveHandover(_ text: String, owner: String, at date: Date) {
        withMemories { $0.owners[owner, default: .init()].handover = (text, date.wholeMilliseconds) }
    }

    private func newest(_ owner: String, where condition: (MemoryRecord) -> Bool) -> [MemoryRecord] {
        withMemories { $0.owners[owner]?.newest.filter(condition) ?? [] }
    }
}
