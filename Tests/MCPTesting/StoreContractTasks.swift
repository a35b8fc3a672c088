import FoundationEssentials
package import MCPEngine
import MCPProtocol

extension StoreContract where Store == any TaskStore {
    package static let tasks: [StoreContract<any TaskStore>] = [
        StoreContract("a task is found by its owner as it was made") { store in
            let full = task("a", owner: "key:ab\u{0}c", created: 0.125, ttl: 1_500, pollInterval: 250)
            let plain = task("b")
            try same(await store.insert(full, perOwner: 9, inAll: 9), .kept)
            try same(await store.insert(plain, perOwner: 9, inAll: 9), .kept)
            try same(await store.find(full.reference), full)
            try same(await store.find(plain.reference), plain)
            try same(await store.find(TaskReference(id: "a", owner: "ann")), nil)
            try same(await store.find(TaskReference(id: "c", owner: "ann")), nil)
        },
        StoreContract("an id is taken once, whoever has it") { store in
            _ = try await store.insert(task("a"), perOwner: 9, inAll: 9)
            try await conflict { _ = try await store.insert(task("a", owner: "bob"), perOwner: 9, inAll: 9) }
            try same(await store.find(TaskReference(id: "a", owner: "bob")), nil)
        },
        StoreContract("every state a task comes to is kept") { store in
            let error = RPCError(code: -7, message: "naïve\u{0}", data: ["why": 1.50])
            let ends: [TaskOutcome] = [
                .result(Array(#"{"content":[],"n":1.50}"#.utf8)), .error(error), .error(.taskNotFound),
            ]
            for (number, end) in ends.enumerated() {
                let made = task("t\(number)")
                _ = try await store.insert(made, perOwner: 9, inAll: 9)
                _ = try await store.change(made.reference) { machine in
                    machine.ask(["b": ["n": 1.50], "a": ["é": "\u{0}"]], count: 9, bytes: 999, at: .at(1))
                }
                let asked = try await store.change(made.reference) {
                    $0.answer(["b": ["x": 1e2]], bytes: 999, at: .at(2.5))
                }
                try same(asked?.effect, .taken(["b": ["x": 1e2]]))
                try same(asked?.record.machine.status, .inputRequired)
                try same(await store.find(made.reference), asked?.record)
                let ended = try await store.change(made.reference) { $0.finish(end, at: .at(3)) }
                try same(ended?.record.machine.outcome, end)
                try same(await store.find(made.reference), ended?.record)
            }
            let cancelled = task("t")
            _ = try await store.insert(cancelled, perOwner: 9, inAll: 9)
            _ = try await store.change(cancelled.reference) { $0.cancel(at: .at(4)) }
            try same(await store.find(cancelled.reference)?.machine.status, .cancelled)
            try same(await store.find(cancelled.reference)?.machine.updated, .at(4))
        },
        StoreContract("a change counts the revision up, and nothing else does") { store in
            let made = task("a")
            _ = try await store.insert(made, perOwner: 9, inAll: 9)
            let unknown = TaskReference(id: "a", owner: "bob")
            try same(await store.change(unknown) { $0.cancel(at: .at(1)) }?.effect, nil)
            try same(await store.change(made.reference) { _ in 7 }?.record.revision, 0)
            try same(await store.change(made.reference) { $0.cancel(at: .at(1)) }?.record.revision, 1)
            try same(await store.change(made.reference) { $0.cancel(at: .at(2)) }?.record.revision, 1)
            let asked = [made.reference, unknown, TaskReference(id: "c", owner: "ann")]
            try same(await store.revisions(of: asked), [made.reference: 1])
            try same(await store.revisions(of: []), [:])
        },
        StoreContract("of many events at once, each sees what came before it") { store in
            let made = task("a")
            _ = try await store.insert(made, perOwner: 9, inAll: 9)
            let ends = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<30 {
                    group.addTask {
                        if number % 2 == 0 {
                            let asked = try await store.change(made.reference) {
                                $0.ask(["k\(number)": [:]], count: 99, bytes: 9_999, at: .at(1))
                            }
                            return asked == nil
                        }
                        return try await store.change(made.reference) { $0.cancel(at: .at(1)) }?.effect == true
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try same(ends.count { $0 }, 1, "the number of ends")
            try same(await store.find(made.reference)?.machine.status, .cancelled)
        },
        StoreContract("the bounds hold, for one owner and for all") { store in
            try same(await store.insert(task("a1"), perOwner: 2, inAll: 3), .kept)
            try same(await store.insert(task("a2"), perOwner: 2, inAll: 3), .kept)
            try same(await store.insert(task("a3"), perOwner: 2, inAll: 3), .tooManyOfOwner)
            try same(await store.insert(task("b1", owner: "bob"), perOwner: 2, inAll: 3), .kept)
            try same(await store.insert(task("b2", owner: "bob"), perOwner: 2, inAll: 3), .tooMany)
            try same(await store.find(TaskReference(id: "a3", owner: "ann")), nil)
            try same(await store.find(TaskReference(id: "b2", owner: "bob")), nil)
        },
        StoreContract("what has expired is forgotten, at its bound, and makes room") { store in
            _ = try await store.insert(task("short", ttl: 1_000), perOwner: 9, inAll: 9)
            _ = try await store.insert(task("long", ttl: 1_001), perOwner: 9, inAll: 9)
            _ = try await store.insert(task("ever"), perOwner: 9, inAll: 9)
            try same(await store.sweep(expiredBy: .at(0.999)), 0)
            try same(await store.sweep(expiredBy: .at(1)), 1)
            try same(await store.find(TaskReference(id: "short", owner: "ann")), nil)
            try same(await store.insert(task("new", created: 2), perOwner: 2, inAll: 2), .kept)
            try same(await store.find(TaskReference(id: "long", owner: "ann")), nil)
            try same(await store.sweep(expiredBy: .at(99_999)), 0)
        },
        StoreContract("while this process lives, its tasks are no orphans") { store in
            _ = try await store.insert(task("a"), perOwner: 9, inAll: 9)
            try same(await store.orphans(), [])
        },
    ]
}

private func task(
    _ id: String, owner: String = "ann", created: Double = 0, ttl: Int? = nil, pollInterval: Int? = nil
) -> TaskRecord {
    TaskRecord(
        id: id, owner: owner, tool: "dig", created: .at(created), ttl: ttl, pollInterval: pollInterval,
        machine: TaskMachine(at: .at(created)))
}
