import Synchronization

/// Many coarse timers served by one task: reply deadlines, keep-alives, time limits, graces.
///
/// A deadline fires at the first tick after it is due, never before. Setting and cancelling one costs a lock and a
/// dictionary lookup, which is what makes it affordable on every request.
package final class Deadlines: Sendable {
    package struct Token: Hashable, Sendable {
        fileprivate var place: Int
        fileprivate var id: Int
    }

    /// In a type of its own: as a generic's value a function has to be wrapped anew each time it is passed on.
    private struct Action {
        var call: @Sendable () -> Void
    }

    /// A place in the table: one deadline, linked with the others of its tick, or free.
    private struct Entry {
        var id = 0
        var tick = 0
        var action: Action?
        var previous: Int?
        var next: Int?
    }

    private struct State {
        /// Places are used again, so the table is never larger than the most deadlines there were at once.
        var entries: [Entry] = []
        var free: [Int] = []
        /// The first place of each tick that has any.
        var first: [Int: Int] = [:]
        var nextID = 0
        var lastTick = 0
        var sleeper: CheckedContinuation<Void, Never>?

        mutating func add(at tick: Int, _ action: Action) -> Token {
            nextID += 1
            let place = free.popLast() ?? entries.count
            if place == entries.count { entries.append(Entry()) }
            let next = first.updateValue(place, forKey: tick)
            entries[place] = Entry(id: nextID, tick: tick, action: action, previous: nil, next: next)
            if let next { entries[next].previous = place }
            return Token(place: place, id: nextID)
        }

        mutating func remove(_ place: Int) -> Action? {
            let entry = entries[place]
            entries[place] = Entry()
            free.append(place)
            if let next = entry.next { entries[next].previous = entry.previous }
            if let previous = entry.previous {
                entries[previous].next = entry.next
            } else {
                first[entry.tick] = entry.next
            }
            return entry.action
        }

        mutating func removeAll(at tick: Int) -> [Action] {
            var actions: [Action] = []
            while let place = first[tick], let action = remove(place) { actions.append(action) }
            return actions
        }
    }

    private let state = Mutex(State())
    private let time: any TimeSource
    private let resolution: Duration
    private let ticksPerSecond: Double

    package init(time: any TimeSource, resolution: Duration = .milliseconds(25)) {
        self.time = time
        self.resolution = resolution
        self.ticksPerSecond = 1 / resolution.seconds
    }

    /// Calls `action` once, on the task of ``run()``, unless it is cancelled first. `action` must not block.
    package func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Token {
        let due = Int(((time.now + delay).seconds * ticksPerSecond).rounded(.up))
        let (token, sleeper) = state.withLock { state in
            let token = state.add(at: max(due, state.lastTick + 1), Action(call: action))
            defer { state.sleeper = nil }
            return (token, state.sleeper)
        }
        sleeper?.resume()
        return token
    }

    package func cancel(_ token: Token) {
        // The closure is released outside the lock: what it holds may have a say in its own end.
        let released = state.withLock { state in
            state.entries[token.place].id == token.id ? state.remove(token.place) : nil
        }
        _ = released
    }

    /// Runs until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await waitUntilNeeded()
            try? await time.sleep(for: resolution)
            fireDue()
        }
    }

    package func fireDue() {
        let now = Int(time.now.seconds * ticksPerSecond)
        let due = state.withLock { state -> [Action] in
            guard now > state.lastTick else { return [] }
            var due: [Action] = []
            if now - state.lastTick > state.first.count {
                for tick in state.first.keys.filter({ $0 <= now }).sorted() { due += state.removeAll(at: tick) }
            } else {
                for tick in (state.lastTick + 1)...now { due += state.removeAll(at: tick) }
            }
            state.lastTick = now
            return due
        }
        for action in due { action.call() }
    }

    private func waitUntilNeeded() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if !state.first.isEmpty || Task.isCancelled { return true }
                    state.sleeper = continuation
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.sleeper = nil }
                return state.sleeper
            }?.resume()
        }
    }
}
