/// Finds a member name that an object has twice.
enum JSONNames {
    /// The node of the second of two equal names of the closed object, compared after their escapes are resolved.
    static func duplicate(in tape: [JSONNode], object: Int, text: UnsafePointer<UInt8>) -> Int? {
        tape.withUnsafeBufferPointer { tape in
            tape[object].count <= 32
                ? duplicateInFew(tape, object, text) : duplicateInMany(tape, object, text)
        }
    }

    /// Each name against those before it, but only when a name with the same fingerprint has gone by.
    private static func duplicateInFew(
        _ tape: UnsafeBufferPointer<JSONNode>, _ object: Int, _ text: UnsafePointer<UInt8>
    ) -> Int? {
        var seen: UInt64 = 0
        var anyEscaped = false
        var at = object + 1
        let end = Int(tape[object].next)
        while at < end {
            let name = tape[at]
            let length = name.inner.count
            var bit: UInt64 = 1
            if length > 0, !name.escaped {
                let last = text[Int(name.end) - 2]
                let middle = text[Int(name.start) + 1 + length / 2]
                bit = 1 << UInt64((length &* 7 &+ Int(last) &* 5 &+ Int(middle)) & 63)
            }
            anyEscaped = anyEscaped || name.escaped
            if seen & bit != 0 || anyEscaped {
                var earlier = object + 1
                while earlier < at {
                    if same(tape[earlier], name, text) { return at }
                    earlier = Int(tape[earlier + 1].next)
                }
            }
            seen |= bit
            at = Int(tape[at + 1].next)
        }
        return nil
    }

    /// A hash table with open addressing; the hash is seeded, so that nobody can choose names that collide.
    private static func duplicateInMany(
        _ tape: UnsafeBufferPointer<JSONNode>, _ object: Int, _ text: UnsafePointer<UInt8>
    ) -> Int? {
        let count = tape[object].count
        let mask = (1 << (Int.bitWidth - (count * 2).leadingZeroBitCount)) - 1
        var slots = [UInt32](repeating: 0, count: mask + 1)
        var at = object + 1
        let end = Int(tape[object].next)
        while at < end {
            var hasher = Hasher()
            let name = tape[at]
            if name.escaped {
                resolved(name, text).withUnsafeBytes { hasher.combine(bytes: $0) }
            } else {
                let inner = name.inner
                hasher.combine(bytes: UnsafeRawBufferPointer(start: text + inner.lowerBound, count: inner.count))
            }
            var slot = hasher.finalize() & mask
            while slots[slot] != 0 {
                if same(tape[Int(slots[slot])], name, text) { return at }
                slot = (slot + 1) & mask
            }
            slots[slot] = UInt32(truncatingIfNeeded: at)
            at = Int(tape[at + 1].next)
        }
        return nil
    }

    private static func same(_ a: JSONNode, _ b: JSONNode, _ text: UnsafePointer<UInt8>) -> Bool {
        if a.escaped || b.escaped { return resolved(a, text) == resolved(b, text) }
        guard a.end &- a.start == b.end &- b.start else { return false }
        let (first, second) = (text + Int(a.start), text + Int(b.start))
        for offset in 0..<Int(a.end &- a.start) where first[offset] != second[offset] { return false }
        return true
    }

    private static func resolved(_ name: JSONNode, _ text: UnsafePointer<UInt8>) -> [UInt8] {
        let inner = UnsafeBufferPointer(start: text + name.inner.lowerBound, count: name.inner.count)
        return JSONEscapes.resolve(ArraySlice(inner))
    }
}
