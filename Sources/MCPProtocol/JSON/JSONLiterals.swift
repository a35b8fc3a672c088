extension JSON {
    private static let null = JSON(scalar: Array("null".utf8), .null)
    private static let yes = JSON(scalar: Array("true".utf8), .bool)
    private static let no = JSON(scalar: Array("false".utf8), .bool)

    private init(scalar bytes: [UInt8], _ kind: Kind, escaped: Bool = false) {
        let node = JSONNode(kind, start: 0, end: bytes.count, next: 1, escaped: escaped)
        self.init(JSONText(bytes: bytes, tape: [node], hasLineBreaks: false), 0)
    }

    /// A string, escaped as it must be.
    public init(_ string: String) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(string.utf8.count + 2)
        let escaped = JSONEscapes.quote(string, onto: &bytes)
        self.init(scalar: bytes, .string, escaped: escaped)
    }

    /// `true` or `false`.
    public init(_ bool: Bool) {
        self = bool ? .yes : .no
    }

    /// A whole number.
    public init(_ int: Int) {
        self.init(Int64(int))
    }

    /// A whole number. Many readers take it for a double, and lose what lies beyond 53 bits.
    public init(_ int64: Int64) {
        self.init(scalar: Array(String(int64).utf8), .number)
    }

    /// The shortest spelling that reads back as the same number; null when it is not finite.
    public init(_ double: Double) {
        var writer = JSONWriter(reserving: 24)
        writer.value(double)
        self.init(scalar: writer.bytes, double.isFinite ? .number : .null)
    }

    /// An array.
    public init(_ elements: [JSON]) {
        var builder = JSONBuilder(.array, reserving: elements.reduce(2) { $0 + $1.bytes.count + 1 })
        for element in elements { builder.append(element) }
        self = builder.finish()
    }

    /// An object with its members in this order. Of two members with one name, the last stays.
    public static func object(_ members: [(String, JSON)]) -> JSON {
        var builder = JSONBuilder(
            .object, reserving: members.reduce(2) { $0 + $1.0.utf8.count + $1.1.bytes.count + 4 })
        let overruled = overruled(members)
        for (index, member) in members.enumerated() where !overruled.contains(index) {
            builder.append(member.0, member.1)
        }
        return builder.finish()
    }

    /// The members that have another of their name behind them.
    private static func overruled(_ members: [(String, JSON)]) -> Set<Int> {
        var overruled: Set<Int> = []
        if members.count <= 12 {
            // Few are compared faster than they are hashed. Equal as strings is not yet equal byte by byte.
            for index in members.indices {
                let name = members[index].0
                let isNamedAgain = members[(index + 1)...].contains {
                    $0.0 == name && $0.0.utf8.elementsEqual(name.utf8)
                }
                if isNamedAgain { overruled.insert(index) }
            }
            return overruled
        }
        var last: [[UInt8]: Int] = [:]
        for (index, member) in members.enumerated() {
            if let earlier = last.updateValue(index, forKey: Array(member.0.utf8)) { overruled.insert(earlier) }
        }
        return overruled
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self.init(value) }
    public init(integerLiteral value: Int64) { self.init(value) }
    public init(floatLiteral value: Double) { self.init(value) }
    public init(stringLiteral value: String) { self.init(value) }
    public init(arrayLiteral elements: JSON...) { self.init(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements) }
}
