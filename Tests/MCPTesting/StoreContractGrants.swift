import FoundationEssentials
package import MCPEngine
import MCPProtocol

extension StoreContract where Store == any AuthorizationStore {
    package static let grants: [StoreContract<any AuthorizationStore>] = [
        StoreContract("a grant is found as it was, with its user") { store in
            let ada = user("u1", "ada")
            try await store.insert(ada)
            let grant = grant("aaaaaaaa", created: 0.125)
            try await store.insert(grant, perUser: 9)
            try same(await store.standing(of: "aaaaaaaa"), GrantStanding(grant: grant, user: ada))
            try same(await store.standing(of: "bbbbbbbb"), nil)
            try await conflict { try await store.insert(grant, perUser: 9) }
        },
        StoreContract("what happens to a grant is kept, whichever phase it is in") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(grant("aaaaaaaa"), perUser: 9)
            let lifetimes = GrantMachine.Lifetimes()
            let first = try await store.change("aaaaaaaa") {
                $0.redeem(presentation("aaaaaaaa"), lifetimes, at: .at(1))
            }
            guard case .issued(let issue)? = first?.effect else {
                throw ContractViolation(description: "the code was not redeemed: \(String(describing: first?.effect))")
            }
            try same(await store.standing(of: "aaaaaaaa")?.grant, first?.grant)
            let second = try await store.change("aaaaaaaa") {
                $0.refresh(issue.refresh, client: "c", lifetimes, at: .at(2.5))
            }
            try same(await store.standing(of: "aaaaaaaa")?.grant, second?.grant)
            try same(second?.grant.machine.access.count, 2)
            let third = try await store.change("aaaaaaaa") { $0.revoke(lifetimes, at: .at(3)) }
            try same(await store.standing(of: "aaaaaaaa")?.grant, third?.grant)
            try same(third?.grant.machine.end, .revoked)
            try same(await store.change("bbbbbbbb") { $0.revoke(lifetimes, at: .at(3)) } == nil, true)
        },
        StoreContract("of many that present one code at once, one gets tokens") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(grant("aaaaaaaa"), perUser: 9)
            let answers = try await withThrowingTaskGroup(of: GrantAnswer?.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        try await store.change("aaaaaaaa") {
                            $0.redeem(presentation("aaaaaaaa"), GrantMachine.Lifetimes(), at: .at(1))
                        }?.effect
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let issued = answers.count { if case .issued? = $0 { true } else { false } }
            try same(issued, 1, "how many got tokens")
            try same(await store.standing(of: "aaaaaaaa")?.grant.machine.end, .reused)
        },
        StoreContract("a user's grants are listed newest first, and no one else's") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(user("u2", "grace"))
            let (old, young) = (grant("aaaaaaaa"), grant("bbbbbbbb", created: 5))
            try await store.insert(old, perUser: 9)
            try await store.insert(young, perUser: 9)
            try await store.insert(grant("cccccccc", user: "u2"), perUser: 9)
            try same(await store.grants(of: "u1"), [young, old])
        },
        StoreContract("of one user's grants those least lately renewed make room") { store in
            try await store.insert(user("u1", "ada"))
            for (number, id) in ["aaaaaaaa", "bbbbbbbb", "cccccccc"].enumerated() {
                try await store.insert(grant(id, created: Double(number)), perUser: 3)
            }
            _ = try await store.change("aaaaaaaa") {
                $0.redeem(presentation("aaaaaaaa"), GrantMachine.Lifetimes(), at: .at(10))
            }
            try await store.insert(grant("dddddddd", created: 11), perUser: 3)
            try same(await store.grants(of: "u1").map(\.id), ["dddddddd", "cccccccc", "aaaaaaaa"])
        },
        StoreContract("what has expired is forgotten, and nothing else") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(grant("aaaaaaaa", expires: 10), perUser: 9)
            try await store.insert(grant("bbbbbbbb", expires: 20), perUser: 9)
            try await store.insert(
                SignInRecord(hash: [1], user: "u1", created: .at(0), expires: .at(10)), perUser: 9)
            _ = try await store.insert(client("c1", expires: 10), keep: 9)
            _ = try await store.insert(client("c2", .preregistered), keep: 9)
            try same(await store.sweepAuthorization(expiredBy: .at(9)), 0)
            try same(await store.sweepAuthorization(expiredBy: .at(10)), 3)
            try same(await store.grants(of: "u1").map(\.id), ["bbbbbbbb"])
            try same(await store.client("c1"), nil)
            try same(await store.client("c2")?.id, "c2")
        },
    ]

    package static let clients: [StoreContract<any AuthorizationStore>] = [
        StoreContract("clients are found as they were, by kind, oldest first") { store in
            var one = client("c1", created: 2, expires: 9.5)
            one.secretHash = Array(0..<32)
            one.authentication = .secretBasic
            one.redirectURIs = ["https://a.example/cb", "cursor://x/y"]
            one.freshUntil = .at(4.25)
            one.refreshes = false
            var two = client("c2", created: 1)
            two.name = nil
            for client in [one, two] { try same(await store.insert(client, keep: 9), true) }
            _ = try await store.insert(client("c3", .preregistered), keep: 9)
            try same(await store.client("c1"), one)
            try same(await store.client("c9"), nil)
            try same(await store.clients(.registered), [two, one])
        },
        StoreContract("an id is taken, but for a newer copy of a document") { store in
            _ = try await store.insert(client("c1"), keep: 9)
            try await conflict { _ = try await store.insert(client("c1"), keep: 9) }
            try await conflict { _ = try await store.insert(client("c1", .document), keep: 9) }
            _ = try await store.insert(client("https://a.example/c", .document), keep: 1)
            var copy = client("https://a.example/c", .document, created: 5)
            copy.name = "renamed"
            try same(await store.insert(copy, keep: 1), true)
            try same(await store.client("https://a.example/c")?.name, "renamed")
        },
        StoreContract("clients that nobody has used make room, those that are used never") { store in
            for (id, expires) in [("c1", 30.0), ("c2", 20), ("c3", 40)] {
                try same(await store.insert(client(id, expires: expires), keep: 3), true)
            }
            _ = try await store.insert(client("d1", .preregistered), keep: 1)
            try await store.use("c2", until: .at(50))
            try same(await store.client("c2")?.expires, .at(50))
            try same(await store.insert(client("c4", expires: 60), keep: 3), true)
            try same(await store.client("c1"), nil)
            try await store.use("c3", until: .at(10))
            try same(await store.client("c3")?.expires, .at(40), "an expiry is only put off")
            try await store.use("c4", until: .at(10))
            try same(await store.insert(client("c5", expires: 70), keep: 3), false)
            try same(await store.clients(.registered).map(\.id).sorted(), ["c2", "c3", "c4"])
        },
        StoreContract("a client's keys are kept, those that it holds and those at an address") { store in
            var (held, placed) = (client("c1"), client("c2"))
            held.keys = .held(["keys": [["kty": "EC"]]])
            held.authentication = .privateKey
            placed.keys = .at("https://a.example/keys")
            for client in [held, placed] { _ = try await store.insert(client, keep: 9) }
            try same(await store.client("c1"), held)
            try same(await store.client("c2"), placed)
        },
        StoreContract("what was used once is known until it is forgotten") { store in
            func spend(_ mark: UInt8, until end: Double, at now: Double) async throws -> Bool? {
                do {
                    return try await store.spend([1, mark], until: .at(end), at: .at(now), keep: 2)
                } catch let error as StoreError where error.kind == .unavailable {
                    return nil
                }
            }
            try same(await spend(2, until: 10, at: 0), true)
            try same(await spend(2, until: 20, at: 1), false)
            try same(await spend(3, until: 20, at: 2), true)
            try same(await spend(4, until: 20, at: 9), nil, "beyond the bound")
            try same(await spend(4, until: 30, at: 10), true)
            try same(await store.sweepAuthorization(expiredBy: .at(20)), 1)
            try same(await spend(4, until: 30, at: 20), false)
            try same(await spend(3, until: 30, at: 20), true)
        },
        StoreContract("a client without an end keeps none when it is used, and can be removed") { store in
            _ = try await store.insert(client("d1", .preregistered), keep: 9)
            try await store.use("d1", until: .at(10))
            try same(await store.client("d1")?.expires, nil)
            try same(await store.client("d1")?.isUsed, true)
            try same(await store.removeClient("d1"), true)
            try same(await store.removeClient("d1"), false)
        },
    ]
}

private func client(
    _ id: String, _ kind: OAuthClient.Kind = .registered, created: Double = 0, expires: Double? = nil
) -> OAuthClient {
    OAuthClient(
        id: id, kind: kind, name: "A client", redirectURIs: ["https://a.example/cb"], created: .at(created),
        expires: expires.map { .at($0) })
}

private func code(_ id: String) -> GrantSecret {
    GrantSecret(.code, of: id, generation: 0, secret: Array(0..<32))
}

private let verifier = String(repeating: "v", count: 43)

private func presentation(_ id: String) -> CodePresentation {
    CodePresentation(code: code(id), client: "c", redirectURI: nil, verifier: verifier)
}

private func grant(
    _ id: String, user: String = "u1", created: Double = 0, expires: Double = 1000
) -> GrantRecord {
    let terms = GrantTerms(
        user: user, client: "c", redirectURI: "https://a.example/cb", challenge: PKCE.challenge(for: verifier),
        resource: "https://mcp.example/mcp", scopes: ["mcp:call", "mcp:read"])
    return GrantRecord(
        clientName: "A client", created: .at(created),
        machine: GrantMachine(
            terms, key: Array(repeating: 7, count: 32), code: code(id), expires: .at(expires), at: .at(created)))
}
