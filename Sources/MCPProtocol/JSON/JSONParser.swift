/// One strict pass over a text, without recursion: it leaves a tape of nodes and no other copy.
struct JSONParser {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private let depthLimit: Int
    private var at = 0
    private var tape: [JSONNode] = []
    private var hasLineBreaks = false

    static func parse(_ bytes: [UInt8], limits: JSON.Limits) throws(JSONError) -> JSONText {
        // Offsets and counts of a node have 32 and 28 bits.
        guard bytes.count < 1 << 29 else { throw JSONError(.size, at: 1 << 29) }
        var tape: [JSONNode] = []
        var hasLineBreaks = false
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            guard let base = buffer.baseAddress, !buffer.isEmpty else { throw JSONError(.empty, at: 0) }
            var parser = JSONParser(base: base, end: buffer.count, depthLimit: limits.depth)
            try parser.document()
            tape = parser.tape
            hasLineBreaks = parser.hasLineBreaks
        }
        return JSONText(bytes: bytes, tape: tape, hasLineBreaks: hasLineBreaks)
    }

    private init(base: UnsafePointer<UInt8>, end: Int, depthLimit: Int) {
        self.base = base
        self.end = end
        self.depthLimit = depthLimit
        tape.reserveCapacity(min(end / 6 + 2, 512))
    }

    private static let none = Int(UInt32.max)

    private mutating func document() throws(JSONError) {
        var open = Self.none
        var depth = 0
        skipSpace()
        guard at < end else { throw JSONError(.empty, at: at) }
        values: while true {
            // Here a value must begin.
            guard at < end else { throw fault() }
            let byte = base[at]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                let isObject = byte == UInt8(ascii: "{")
                depth += 1
                if depth > depthLimit { throw JSONError(.depth, at: at) }
                tape.append(JSONNode(isObject ? .object : .array, start: at, end: 0, next: open))
                open = tape.count - 1
                at += 1
                skipSpace()
                if at < end, base[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    // Falls through to the closing below.
                } else {
                    if isObject { try memberName() }
                    continue values
                }
            } else {
                try scalar(byte)
                if open != Self.none { tape[open].countOne() }
            }
            // Here a value has ended: close what closes, then go on behind a comma.
            while true {
                if open != Self.none || at < end { skipSpace() }
                guard open != Self.none else {
                    if at < end { throw JSONError(.trailing, at: at) }
                    return
                }
                guard at < end else { throw fault() }
                let isObject = tape[open].isObject
                if base[at] == UInt8(ascii: ",") {
                    at += 1
                    skipSpace()
                    if isObject { try memberName() }
                    continue values
                }
                guard base[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw fault() }
                at += 1
                depth -= 1
                let around = Int(tape[open].next)
                tape[open].end = UInt32(truncatingIfNeeded: at)
                tape[open].next = UInt32(truncatingIfNeeded: tape.count)
                if isObject, tape[open].count > 1 {
                    if let twice = JSONNames.duplicate(in: tape, object: open, text: base) {
                        let inner = UnsafeBufferPointer(start: base, count: end)[tape[twice].inner]
                        let name = String(decoding: JSONEscapes.resolve(ArraySlice(inner)), as: UTF8.self)
                        throw JSONError(.duplicateName(name), at: Int(tape[twice].start))
                    }
                }
                open = around
                if open != Self.none { tape[open].countOne() }
            }
        }
    }

    private func fault() -> JSONError { JSONError(.syntax, at: at) }

    private mutating func skipSpace() {
        while at < end {
            switch base[at] {
            case 0x20, 0x09: at += 1
            case 0x0A, 0x0D:
                hasLineBreaks = true
                at += 1
            default: return
            }
        }
    }

    private mutating func memberName() throws(JSONError) {
        guard at < end, base[at] == UInt8(ascii: "\"") else { throw fault() }
        try string()
        skipSpace()
        guard at < end, base[at] == UInt8(ascii: ":") else { throw fault() }
        at += 1
        skipSpace()
    }

    private mutating func scalar(_ byte: UInt8) throws(JSONError) {
        switch byte {
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "-"), 0x30...0x39: try number()
        case UInt8(ascii: "t"): try word("true", .bool)
        case UInt8(ascii: "f"): try word("false", .bool)
        case UInt8(ascii: "n"): try word("null", .null)
        default: throw fault()
        }
    }

    private mutating func append(_ kind: JSON.Kind, from start: Int, escaped: Bool = false) {
        tape.append(JSONNode(kind, start: start, end: at, next: tape.count + 1, escaped: escaped))
    }

    private mutating func word(_ word: StaticString, _ kind: JSON.Kind) throws(JSONError) {
        let start = at
        for offset in 0..<word.utf8CodeUnitCount {
            guard at < end, base[at] == word.utf8Start[offset] else { throw fault() }
            at += 1
        }
        append(kind, from: start)
    }

    private mutating func number() throws(JSONError) {
        let start = at
        if base[at] == UInt8(ascii: "-") { at += 1 }
        if at < end, base[at] == 0x30 {
            at += 1
        } else {
            try digits()
        }
        if at < end, base[at] == UInt8(ascii: ".") {
            at += 1
            try digits()
        }
        if at < end, base[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < end, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at += 1 }
            try digits()
        }
        append(.number, from: start)
    }

    /// At least one.
    private mutating func digits() throws(JSONError) {
        let start = at
        while at < end, base[at] &- 0x30 < 10 { at += 1 }
        if at == start { throw fault() }
    }

    private mutating func string() throws(JSONError) {
        let start = at
        var escaped = false
        at += 1
        while true {
            skipPlain()
            guard at < end else { throw fault() }
            switch base[at] {
            case UInt8(ascii: "\""):
                at += 1
                append(.string, from: start, escaped: escaped)
                return
            case UInt8(ascii: "\\"):
                escaped = true
                try escape()
            case 0x80...:
                // Text in other scripts comes in runs.
                repeat { try character() } while at < end && base[at] >= 0x80
            case 0x20...: at += 1
            default: throw fault()
            }
        }
    }

    /// Passes eight bytes at a time while none is a quote, a backslash, a control character or beyond ASCII.
    @inline(__always)
    private mutating func skipPlain() {
        while at + 8 <= end {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self).littleEndian
            let marked = (JSONEscapes.marks(word) | word) & JSONEscapes.highBits
            if marked != 0 {
                at += marked.trailingZeroBitCount >> 3
                return
            }
            at += 8
        }
    }

    private mutating func escape() throws(JSONError) {
        let start = at
        at += 1
        guard at < end else { throw fault() }
        switch base[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            at += 1
        case UInt8(ascii: "u"):
            at += 1
            let unit = try hexUnit()
            if unit & 0xF800 == 0xD800 {
                guard unit < 0xDC00, at + 1 < end, base[at] == UInt8(ascii: "\\"), base[at + 1] == UInt8(ascii: "u")
                else { throw JSONError(.encoding, at: start) }
                at += 2
                guard try hexUnit() & 0xFC00 == 0xDC00 else { throw JSONError(.encoding, at: start) }
            }
        default: throw fault()
        }
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard at < end, let digit = JSONEscapes.hex(base[at]) else { throw fault() }
            unit = unit << 4 | UInt32(digit)
            at += 1
        }
        return unit
    }

    /// One character beyond ASCII (RFC 3629, section 4): shortest form, no surrogates, at most U+10FFFF.
    private mutating func character() throws(JSONError) {
        let first = base[at]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.encoding, at: at)
        }
        guard at + length <= end, second.contains(base[at + 1]) else { throw JSONError(.encoding, at: at) }
        for offset in 2..<max(2, length) where base[at + offset] & 0xC0 != 0x80 {
            throw JSONError(.encoding, at: at)
        }
        at += length
    }
}
