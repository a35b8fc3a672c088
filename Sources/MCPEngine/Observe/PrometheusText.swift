/// The Prometheus text exposition format 0.0.4, line by line.
struct PrometheusText {
    private(set) var text = ""

    mutating func begin(_ name: String, type: PrometheusType, help: String?) {
        if let help { line("# HELP \(name) \(Self.escaped(help, quotes: false))") }
        line("# TYPE \(name) \(type.rawValue)")
    }

    mutating func sample(_ name: String, labels: String, _ value: UInt64) {
        line("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)")
    }

    mutating func sample(_ name: String, labels: String, _ value: Double) {
        line("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))")
    }

    private mutating func line(_ text: String) {
        self.text += text
        self.text += "\n"
    }

    // MARK: Names and values

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; whatever else becomes `_`. Ends with `suffix`.
    static func name(_ label: String, suffix: String) -> String {
        let name = identifier(label, colons: true)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `a="1",b="2"`, sorted by name. The last of several labels with one name counts; a reserved name gets a `_`.
    static func labels(_ dimensions: [(String, String)], reserved: String?) -> String {
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = identifier(name, colons: false)
            values[name == reserved ? name + "_" : name] = value
        }
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escaped($0.value, quotes: true))\"" }
            .joined(separator: ",")
    }

    private static func identifier(_ text: String, colons: Bool) -> String {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": bytes.append(UInt8(scalar.value))
            case "0"..."9":
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(UInt8(scalar.value))
            case ":" where colons: bytes.append(UInt8(ascii: ":"))
            default: bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return value.description
    }
}
