/// Exact integers out of valid JSON numbers.
enum JSONNumber {
    static func integer(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var at = bytes.startIndex
        let negative = bytes.first == UInt8(ascii: "-")
        if negative { at += 1 }

        // The digits as one integer times ten to the power of `exponent`, zeros at the end held back in `zeros`.
        var value: UInt64 = 0
        var zeros = 0
        var exponent = 0
        var fraction = false
        while at < bytes.endIndex {
            let byte = bytes[at]
            if byte == UInt8(ascii: ".") {
                fraction = true
            } else if byte < 0x30 || byte > 0x39 {
                break
            } else {
                if fraction { exponent -= 1 }
                if byte == 0x30 {
                    if value != 0 { zeros += 1 }
                } else {
                    guard let shifted = scaled(value, by: zeros + 1) else { return nil }
                    let (sum, overflow) = shifted.addingReportingOverflow(UInt64(byte - 0x30))
                    if overflow { return nil }
                    value = sum
                    zeros = 0
                }
            }
            at += 1
        }
        if value == 0 { return 0 }
        if at < bytes.endIndex {
            exponent += Self.exponent(bytes[(at + 1)...])
        }
        guard exponent + zeros >= 0, let magnitude = scaled(value, by: exponent + zeros) else { return nil }
        if negative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

    private static func scaled(_ value: UInt64, by power: Int) -> UInt64? {
        guard power <= 19 || value == 0 else { return nil }
        var value = value
        for _ in 0..<(value == 0 ? 0 : power) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value
    }

    /// Clamped to a range beyond which the answer no longer depends on it.
    private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int {
        let limit = 1 << 40
        let magnitude = bytes.reduce(0) { total, byte in
            byte < 0x30 ? total : min(limit, total * 10 + Int(byte - 0x30))
        }
        return bytes.first == UInt8(ascii: "-") ? -magnitude : magnitude
    }
}
