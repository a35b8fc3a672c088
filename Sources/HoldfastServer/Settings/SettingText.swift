/// Durations and sizes as people write them.
extension Duration {
    /// From `500ms`, `10s`, `1.5m`, `24h`, `7d`; a plain number is seconds. Nil for anything else.
    package init?(written text: String) {
        let units: [(suffix: String, milliseconds: Double)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        guard let number = plainNumber(digits) else { return nil }
        let milliseconds = number * (unit?.milliseconds ?? 1_000)
        guard milliseconds <= 1e15 else { return nil }
        self = .milliseconds(Int64(milliseconds.rounded()))
    }

    /// In the largest unit that leaves a whole number.
    package var written: String {
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        for (size, suffix) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(Int64, String)]
        where milliseconds != 0 && milliseconds % size == 0 {
            return "\(milliseconds / size)\(suffix)"
        }
        return milliseconds == 0 ? "0s" : "\(milliseconds)ms"
    }
}

extension Int {
    /// From `64KiB`, `4MiB`, `1GiB`, `512B`; a plain number is bytes. Nil for anything else.
    package init?(writtenAsSize text: String) {
        let units: [(suffix: String, bytes: Double)] = [
            ("KiB", 1_024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("B", 1),
        ]
        let unit = units.first { text.hasSuffix($0.suffix) }
        guard let number = plainNumber(text.dropLast(unit?.suffix.count ?? 0)) else { return nil }
        let bytes = number * (unit?.bytes ?? 1)
        guard bytes <= 1e15, bytes == bytes.rounded() else { return nil }
        self = Int(bytes)
    }

    /// In the largest unit that leaves a whole number.
    package var writtenAsSize: String {
        for (size, suffix) in [(1_073_741_824, "GiB"), (1_048_576, "MiB"), (1_024, "KiB")]
        where self != 0 && self % size == 0 {
            return "\(self / size)\(suffix)"
        }
        return "\(self)B"
    }
}

extension Bool {
    /// From `true`, `yes`, `on`, `1` and their opposites. Nil for anything else.
    init?(written text: String) {
        switch text.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: return nil
        }
    }
}

/// Digits with at most one point: no sign, exponent, space or infinity.
private func plainNumber(_ text: Substring) -> Double? {
    guard let first = text.utf8.first, let last = text.utf8.last, first != UInt8(ascii: "."), last != UInt8(ascii: "."),
        text.utf8.count <= 15,
        text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".") })
    else { return nil }
    return Double(text)
}
