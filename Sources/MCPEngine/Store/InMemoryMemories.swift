import FoundationEssentials

/// The memories of every owner, as plain values. Searches read everything an owner has.
struct InMemoryMemories {
    /// What one owner has.
    struct Ledger {
        var records: [String: MemoryRecord] = [:]
        /// The ids of each label's versions, oldest first.
        var labels: [String: [String]] = [:]
        var handover: (text: String, left: Date)?

        var newest: [MemoryRecord] {
            records.values
                .filter { record in record.label.map { labels[$0]?.last == record.id } ?? true }
                .sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        }

        func covered(by reference: MemoryReference) -> [MemoryRecord] {
            switch reference {
            case .id(let id):
                return records[id].map { [$0] } ?? []
            case .label(let label, let version):
                let all = (labels[label] ?? []).compactMap { records[$0] }
                return version.map { version in all.filter { $0.version == version } } ?? all
            }
        }
    }

    var owners: [String: Ledger] = [:]
    private var ids: Set<String> = []

    mutating func add(_ record: MemoryRecord) throws -> MemoryRecord {
        guard ids.insert(record.id).inserted else { throw StoreError(.conflict, "a memory of this id exists already") }
        var record = record
        // Taken out for the change, so that it is not copied.
        var ledger = owners.removeValue(forKey: record.owner) ?? Ledger()
        if let label = record.label {
            let last = ledger.labels[label]?.last.flatMap { ledger.records[$0]?.version } ?? 0
            record.version = last + 1
            ledger.labels[label, default: []].append(record.id)
        }
        ledger.records[record.id] = record
        owners[record.owner] = ledger
        return record
    }

    mutating func remove(_ reference: MemoryReference, owner: String) -> Int {
        let gone = owners[owner]?.covered(by: reference) ?? []
        for record in gone {
            ids.remove(record.id)
            owners[owner]?.records[record.id] = nil
            guard let label = record.label else { continue }
            owners[owner]?.labels[label]?.removeAll { $0 == record.id }
            if owners[owner]?.labels[label]?.isEmpty == true { owners[owner]?.labels[label] = nil }
        }
        return gone.count
    }
}
