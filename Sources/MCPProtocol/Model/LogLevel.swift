/// How grave a log message is, least first (RFC 5424; MCP 2025-11-25, server/utilities/logging).
public enum LogLevel: String, Sendable, CaseIterable {
    /// In the order of RFC 5424, the least grave first.
    case debug, info, notice, warning, error, critical, alert, emergency

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        case .critical: 5
        case .alert: 6
        case .emergency: 7
        }
    }
}

extension LogLevel: Comparable {
    public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
}
