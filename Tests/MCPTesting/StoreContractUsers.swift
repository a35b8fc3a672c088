import FoundationEssentials
package import MCPEngine

extension StoreContract where Store == any UserStore & SignInStore {
    package static let users: [StoreContract<any UserStore & SignInStore>] = [
        StoreContract("users are found as they were, whatever the case of the name, oldest first") { store in
            let (old, young) = (user("u2", "Ada"), user("u1", "grace", created: 2.25))
            try await store.insert(young)
            try await store.insert(old)
            try same(await store.user(named: "ADA"), old)
            try same(await store.user(named: "nobody"), nil)
            try same(await store.users(), [old, young])
        },
        StoreContract("a name is taken in every case, and so is an id") { store in
            try await store.insert(user("u1", "ada"))
            try await conflict { try await store.insert(user("u2", "ADA")) }
            try await conflict { try await store.insert(user("u1", "grace")) }
            try same(await store.users().count, 1)
        },
        StoreContract("a browser is signed in until it ends, expires, or its user is disabled") { store in
            let ada = user("u1", "ada")
            try await store.insert(ada)
            try await store.insert(signIn(1, "u1", expires: 100), perUser: 9)
            try same(await store.user(signedInBy: mark(1), at: .at(99)), ada)
            try same(await store.user(signedInBy: mark(1), at: .at(100)), nil, "at its end")
            try same(await store.user(signedInBy: mark(2), at: .at(1)), nil, "of another browser")
            try await store.endSignIn(mark(1))
            try same(await store.user(signedInBy: mark(1), at: .at(1)), nil, "after it was ended")
            try await store.insert(signIn(3, "u1", expires: 100), perUser: 9)
            try same(await store.setDisabled(.at(5), of: "Ada"), true)
            try same(await store.user(signedInBy: mark(3), at: .at(6)), nil, "of a disabled user")
            try same(await store.setDisabled(nil, of: "ada"), true)
            try same(await store.user(named: "ada"), ada)
            try same(await store.user(signedInBy: mark(3), at: .at(7)), nil, "of a user who was disabled")
            try same(await store.setDisabled(nil, of: "nobody"), false)
        },
        StoreContract("another password signs a user out, and nobody else") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(user("u2", "grace", created: 1))
            try await store.insert(signIn(1, "u1", expires: 100), perUser: 9)
            try await store.insert(signIn(2, "u2", expires: 100), perUser: 9)
            let other = PasswordHash(rounds: 8, salt: [7], hash: [8])
            try same(await store.setPassword(other, of: "ADA"), true)
            try same(await store.setPassword(other, of: "nobody"), false)
            try same(await store.user(named: "ada")?.password, other)
            try same(await store.user(signedInBy: mark(1), at: .at(1)), nil)
            try same(await store.user(signedInBy: mark(2), at: .at(1))?.name, "grace")
        },
        StoreContract("of one user's browsers the oldest make room") { store in
            try await store.insert(user("u1", "ada"))
            try await store.insert(user("u2", "grace"))
            try await store.insert(signIn(9, "u2", created: 0, expires: 100), perUser: 2)
            for number in 1...3 {
                try await store.insert(signIn(UInt8(number), "u1", created: Double(number), expires: 100), perUser: 2)
            }
            var left: [UInt8] = []
            for number in [1, 2, 3, 9] as [UInt8]
            where try await store.user(signedInBy: mark(number), at: .at(4)) != nil {
                left.append(number)
            }
            try same(left, [2, 3, 9])
        },
    ]
}

func user(_ id: String, _ name: String, created: Double = 0) -> UserRecord {
    UserRecord(
        id: id, name: name, password: PasswordHash(rounds: 4, salt: [1, 2], hash: [3, 4]), created: .at(created))
}

private func signIn(_ number: UInt8, _ user: String, created: Double = 0, expires: Double) -> SignInRecord {
    SignInRecord(hash: mark(number), user: user, created: .at(created), expires: .at(expires))
}

private func mark(_ number: UInt8) -> [UInt8] { [UInt8](repeating: number, count: 32) }
