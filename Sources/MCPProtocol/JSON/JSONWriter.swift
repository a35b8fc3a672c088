/// Writes JSON text from left to right and sets the commas. That names and values alternate, and that what is begun is
/// ended, is up to the caller.
///
/// What it writes has no line breaks, so that it fits on one `data:` line of an event stream (H-12): those between the
/// tokens of a value that is copied are left out.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(reserving capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    /// What was written, which must be one whole value.
    package var json: JSON {
        do {
            return try JSON(parsing: bytes, limits: JSON.Limits(depth: .max))
        } catch {
            assertionFailure("Written out of order: \(error)")
            return nil
        }
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    package mutating func name(_ name: String) {
        separate()
        JSONEscapes.quote(name, onto: &bytes)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ json: JSON) {
        separate()
        if json.text.hasLineBreaks {
            bytes.append(contentsOf: json.bytes.lazy.filter { $0 != 0x0A && $0 != 0x0D })
        } else {
            bytes.append(contentsOf: json.bytes)
        }
    }

    package mutating func value(_ string: String) {
        separate()
        JSONEscapes.quote(string, onto: &bytes)
    }

    package mutating func value(_ int: Int) { value(Int64(int)) }

    package mutating func value(_ int: Int64) {
        separate()
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { digits in
            var at = digits.count
            var rest = int.magnitude
            repeat {
                at -= 1
                digits[at] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if int < 0 {
                at -= 1
                digits[at] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: digits[at...])
        }
    }

    /// The shortest spelling that reads back as the same number, a whole one without a fraction; null when not finite.
    package mutating func value(_ double: Double) {
        if !double.isFinite {
            null()
        } else if double.magnitude < 0x1p53, Double(Int64(double)) == double, double != 0 || double.sign == .plus {
            value(Int64(double))
        } else {
            separate()
            bytes.append(contentsOf: double.description.utf8)
        }
    }

    package mutating func value(_ bool: Bool) {
        separate()
        bytes.append(contentsOf: (bool ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// One value that is already written.
    package mutating func raw(_ value: [UInt8]) {
        separate()
        bytes.append(contentsOf: value)
    }

    /// One value that is already written.
    package mutating func raw(_ value: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }
}

extension JSONWriter {
    package mutating func member(_ name: String, _ value: JSON) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Double) {
        self.name(name)
        self.value(value)
    }

    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }
}
