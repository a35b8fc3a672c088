import HTTPTypes
import Synchronization

/// The name under which one request appears in the client's log and in ours.
enum CorrelationID {
    /// The client's, if it is well-formed; otherwise the trace id of `traceparent` (W3C Trace Context, 3.2); otherwise
    /// a new one.
    static func of(_ headers: HTTPFields) -> String {
        if let given = headers.value(.correlationID), isWellFormed(given) { return given }
        if let parent = headers.value(.traceParent), let trace = traceID(in: parent) { return trace }
        return fresh()
    }

    private static let first = UInt64.random(in: .min ... .max)
    private static let made = Atomic<UInt64>(0)

    /// It is no secret, so a random beginning is enough; SplitMix64's mixing makes neighbours look nothing alike and
    /// never gives the same number twice.
    private static func fresh() -> String {
        let count = made.wrappingAdd(1, ordering: .relaxed).newValue
        var number = first &+ count &* 0x9E37_79B9_7F4A_7C15
        number = (number ^ number >> 30) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ number >> 27) &* 0x94D0_49BB_1331_11EB
        number ^= number >> 31
        // Five bits to a digit: with 13 of them a string needs no memory of its own.
        return String(unsafeUninitializedCapacity: 13) { digits in
            for place in 0..<13 {
                let digit = UInt8(truncatingIfNeeded: number >> (5 * place)) & 0x1F
                digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
            }
            return 13
        }
    }

    private static func isWellFormed(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...128).contains(bytes.count) else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    private static func traceID(in text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "00", parts[1].count == 32, parts[2].count == 16, parts[3].count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }),
            parts[1].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }
}
