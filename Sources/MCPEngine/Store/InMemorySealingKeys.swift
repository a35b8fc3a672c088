package import FoundationEssentials

extension InMemoryStore: SealingKeyStore {
    package func sealingKeys() -> [SealingKey] {
        withSealingKeys { $0 }
    }

    package func rotate(
        to key: SealingKey, unlessNewerThan current: Date, forgetting superseded: Date
    ) throws -> [SealingKey] {
        try withSealingKeys { keys in
            if !keys.contains(where: { $0.created > current }) {
                guard !keys.contains(where: { $0.id == key.id }) else {
                    throw StoreError(.conflict, "a sealing key of this id exists already")
                }
                keys.append(key)
                keys.sort { a, b in
                    a.created != b.created ? a.created > b.created : b.id.lexicographicallyPrecedes(a.id)
                }
            }
            if let successor = keys.first(where: { $0.created <= superseded }) {
                keys.removeAll { $0.created < successor.created }
            }
            return keys
        }
    }
}
