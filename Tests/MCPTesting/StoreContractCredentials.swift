import FoundationEssentials
package import MCPEngine

extension StoreContract where Store == any CredentialStore {
    package static let credentials: [StoreContract<any CredentialStore>] = [
        StoreContract("keys are listed as they were, oldest first, revoked ones too") { store in
            let (old, young) = (key("id2", "old", created: 1), key("id1", "young", created: 2.25))
            try await store.insert(young)
            try await store.insert(old)
            try same(await store.keys(), [old, young])
            try same(await store.revoke(name: "old", at: .at(3.5)), true)
            var revoked = old
            revoked.revoked = .at(3.5)
            try same(await store.keys(), [revoked, young])
        },
        StoreContract("an id is taken for ever, a name until its key is revoked") { store in
            try await store.insert(key("id1", "ci"))
            try await conflict { try await store.insert(key("id1", "other")) }
            try await conflict { try await store.insert(key("id2", "ci")) }
            try same(await store.revoke(name: "ci", at: .at(5)), true)
            try await conflict { try await store.insert(key("id1", "ci")) }
            try await store.insert(key("id2", "ci", created: 6))
            try same(await store.keys().map(\.id), ["id1", "id2"])
        },
        StoreContract("revoking hits the one key of that name that is in force") { store in
            try same(await store.revoke(name: "ci", at: .at(1)), false)
            try await store.insert(key("id1", "ci"))
            try same(await store.revoke(name: "CI", at: .at(1)), false)
            try same(await store.revoke(name: "ci", at: .at(2)), true)
            try same(await store.revoke(name: "ci", at: .at(3)), false)
            try await store.insert(key("id2", "ci", created: 4))
            try same(await store.revoke(name: "ci", at: .at(5)), true)
            try same(await store.keys().map(\.revoked), [.at(2), .at(5)])
        },
    ]
}

private func key(_ id: String, _ name: String, created: Double = 0) -> APIKeyRecord {
    APIKeyRecord(id: id, name: name, hash: Array(0..<32), created: .at(created))
}
