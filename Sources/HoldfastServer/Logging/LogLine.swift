import Logging

/// How a line looks.
package enum LogStyle: Sendable, Equatable {
    case json
    case text(colour: Bool)
}

/// One log line as bytes: begun with what every line has, then its members, then ended.
struct LogLine {
    private(set) var bytes: [UInt8] = []
    private let style: LogStyle

    init(_ style: LogStyle, at time: LogTime, level: Logger.Level, message: String) {
        self.style = style
        bytes.reserveCapacity(320)
        switch style {
        case .json: beginJSON(time, level, message)
        case .text(let colour): beginText(time, level, message, colour)
        }
    }

    init(
        _ style: LogStyle, at time: LogTime, level: Logger.Level, message: String,
        metadata: [(key: String, value: Logger.Metadata.Value)]
    ) {
        self.init(style, at: time, level: level, message: message)
        for (key, value) in metadata { add(key, value) }
        end()
    }

    /// The line that says how many lines were dropped.
    static func note(dropped: Int, _ style: LogStyle, at time: LogTime) -> [UInt8] {
        var line = LogLine(style, at: time, level: .warning, message: "log lines were dropped")
        line.add("dropped", number: dropped)
        line.end()
        return line.bytes
    }

    mutating func add(_ key: String, _ value: Logger.Metadata.Value) {
        switch style {
        case .json: member(key, value)
        case .text(let colour):
            beginTextMember(key, colour)
            textValue(value.description)
        }
    }

    mutating func add(_ key: String, text: String) {
        switch style {
        case .json:
            beginMember(key)
            quoted(text)
        case .text(let colour):
            beginTextMember(key, colour)
            textValue(text)
        }
    }

    /// - Parameter fraction: Hundredths to stand behind the point; nil for a whole number.
    mutating func add(_ key: String, number: Int, fraction: Int? = nil) {
        switch style {
        case .json: beginMember(key)
        case .text(let colour): beginTextMember(key, colour)
        }
        raw(number.description)
        guard let fraction else { return }
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(fraction / 10 % 10))
        bytes.append(UInt8(ascii: "0") + UInt8(fraction % 10))
    }

    mutating func end() {
        if case .json = style { bytes.append(UInt8(ascii: "}")) }
        bytes.append(UInt8(ascii: "\n"))
    }

    // MARK: JSON

    private mutating func beginJSON(_ time: LogTime, _ level: Logger.Level, _ message: String) {
        raw("{\"time\":\"")
        time.appendUTC(to: &bytes)
        raw("\",\"level\":\"")
        raw(level.rawValue)
        raw("\",\"message\":\"")
        LogText.append(message, to: &bytes)
        raw("\"")
    }

    private mutating func beginMember(_ key: String) {
        raw(",\"")
        LogText.append(key, to: &bytes)
        let isTaken = key == "time" || key == "level" || key == "message"
        raw(isTaken ? "_\":" : "\":")
    }

    /// A dictionary is laid out flat, its keys joined by points.
    private mutating func member(_ key: String, _ value: Logger.Metadata.Value) {
        if case .dictionary(let members) = value {
            for (inner, value) in members.sorted(by: { $0.key < $1.key }) { member("\(key).\(inner)", value) }
            return
        }
        beginMember(key)
        jsonValue(value)
    }

    private mutating func jsonValue(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): if !number(value) { quoted(value.description) }
        case .array(let values):
            raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { raw(",") }
                jsonValue(value)
            }
            raw("]")
        case .dictionary: quoted(value.description)
        }
    }

    /// Numbers and truth values stand without quotes. False when the value is neither.
    private mutating func number(_ value: any CustomStringConvertible) -> Bool {
        switch value {
        case let value as Int: raw(value.description)
        case let value as Double where value.isFinite: raw(value.description)
        case let value as Bool: raw(value ? "true" : "false")
        case let value as any FixedWidthInteger: raw(value.description)
        default: return false
        }
        return true
    }

    private mutating func quoted(_ text: String) {
        raw("\"")
        LogText.append(text, to: &bytes)
        raw("\"")
    }

    // MARK: Text

    private mutating func beginText(_ time: LogTime, _ level: Logger.Level, _ message: String, _ colour: Bool) {
        if colour { raw("\u{1b}[2m") }
        time.appendLocalClock(to: &bytes)
        if colour { raw("\u{1b}[0m") }
        raw(" ")
        if colour { raw(Self.colour(of: level)) }
        raw(level.rawValue)
        if colour { raw("\u{1b}[0m") }
        raw(level.rawValue.utf8.count < 5 ? "  " : " ")
        LogText.append(message, to: &bytes)
    }

    private mutating func beginTextMember(_ key: String, _ colour: Bool) {
        raw(colour ? " \u{1b}[2m" : " ")
        LogText.append(key, to: &bytes)
        raw(colour ? "=\u{1b}[0m" : "=")
    }

    private mutating func textValue(_ text: String) {
        if text.isEmpty || text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D }) {
            quoted(text)
        } else {
            LogText.append(text, to: &bytes)
        }
    }

    private static func colour(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "\u{1b}[2m"
        case .info: "\u{1b}[32m"
        case .notice: "\u{1b}[36m"
        case .warning: "\u{1b}[33m"
        case .error, .critical: "\u{1b}[31m"
        }
    }

    private mutating func raw(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }
}
