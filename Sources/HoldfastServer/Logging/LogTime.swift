import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A moment, and how log lines spell it.
struct LogTime {
    /// Since 1970, UTC.
    var seconds: Int
    var milliseconds: Int

    static func now() -> LogTime {
        let milliseconds = Int(Date().timeIntervalSince1970 * 1_000)
        return LogTime(seconds: milliseconds / 1_000, milliseconds: milliseconds % 1_000)
    }

    /// `2026-11-22T16:03:22.123Z` (RFC 3339).
    func appendUTC(to bytes: inout [UInt8]) {
        // Days to a civil date, in years that begin in March so that the leap day is the last.
        let days = (seconds >= 0 ? seconds : seconds - 86_399) / 86_400
        let second = seconds - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        append(year, digits: 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(month < 10 ? month + 3 : month - 9, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        append(dayOfYear - (153 * month + 2) / 5 + 1, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendClock(second, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// `16:03:22.123`, on the clock of the machine's time zone.
    func appendLocalClock(to bytes: inout [UInt8]) {
        var moment = time_t(seconds)
        var local = tm()
        localtime_r(&moment, &local)
        appendClock(Int(local.tm_hour) * 3_600 + Int(local.tm_min) * 60 + Int(local.tm_sec), to: &bytes)
    }

    private func appendClock(_ second: Int, to bytes: inout [UInt8]) {
        append(second / 3_600, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(second / 60 % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        append(second % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        append(milliseconds, digits: 3, to: &bytes)
    }

    private func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = digits == 4 ? 1_000 : digits == 3 ? 100 : 10
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
