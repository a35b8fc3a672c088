import FoundationEssentials
package import MCPEngine

extension StoreContract where Store == any SealingKeyStore {
    package static let sealingKeys: [StoreContract<any SealingKeyStore>] = [
        StoreContract("the first key is added and found again as it was") { store in
            try same(await store.sealingKeys(), [])
            let key = key(1, created: 0.125)
            try same(await store.rotate(to: key, unlessNewerThan: .at(-10), forgetting: .at(-20)), [key])
            try same(await store.sealingKeys(), [key])
        },
        StoreContract("a key is added only when none is newer than it must be") { store in
            let (first, second, third) = (key(9, created: 100), key(2, created: 110), key(5, created: 200))
            _ = try await store.rotate(to: first, unlessNewerThan: .at(0), forgetting: .at(0))
            try same(await store.rotate(to: second, unlessNewerThan: .at(99), forgetting: .at(0)), [first])
            try same(await store.rotate(to: third, unlessNewerThan: .at(100), forgetting: .at(0)), [third, first])
        },
        StoreContract("a key is forgotten once its successor is old enough, and the newest never") { store in
            for (number, created) in [(1, 0.0), (2, 10), (3, 20)] {
                _ = try await store.rotate(
                    to: key(UInt8(number), created: created), unlessNewerThan: .at(created - 1), forgetting: .at(-1))
            }
            func left(_ superseded: Double) async throws -> [UInt8] {
                let unwanted = key(9, created: 30)
                return try await store.rotate(to: unwanted, unlessNewerThan: .at(0), forgetting: .at(superseded))
                    .map { $0.id[0] }
            }
            try same(await left(9), [3, 2, 1])
            try same(await left(10), [3, 2])
            try same(await left(19), [3, 2])
            try same(await left(1000), [3])
            try same(await store.sealingKeys().map { $0.id[0] }, [3])
        },
        StoreContract("of many that rotate at once, one does") { store in
            let answers = try await withThrowingTaskGroup(of: [SealingKey].self) { group in
                for number in 1...20 {
                    group.addTask {
                        try await store.rotate(
                            to: key(UInt8(number), created: 50), unlessNewerThan: .at(0), forgetting: .at(0))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try same(Set(answers.map(\.count)), [1])
            try same(Set(answers.compactMap(\.first?.id)).count, 1)
        },
        StoreContract("an id is taken once") { store in
            _ = try await store.rotate(to: key(1, created: 0), unlessNewerThan: .at(-1), forgetting: .at(-1))
            try await conflict {
                _ = try await store.rotate(to: key(1, created: 9), unlessNewerThan: .at(5), forgetting: .at(-1))
            }
        },
    ]
}

private func key(_ number: UInt8, created: Double) -> SealingKey {
    SealingKey(
        id: [UInt8](repeating: number, count: 8), secret: (0..<32).map { $0 &* number }, created: .at(created))
}
