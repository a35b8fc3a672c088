package import Logging

/// Writes each event as one line.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let style: LogStyle
    private let output: LogOutput

    package init(
        style: LogStyle, output: LogOutput, level: Logger.Level, metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.style = style
        self.output = output
        logLevel = level
        self.metadataProvider = metadataProvider
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        // What the event brings wins over the provider, and that over the logger.
        var all = event.metadata ?? [:]
        if let provided = metadataProvider?.get() { all.merge(provided) { given, _ in given } }
        if !metadata.isEmpty { all.merge(metadata) { given, _ in given } }
        if let error = event.error { all["error"] = .string("\(error)") }
        let time = LogTime.now()
        let line = LogLine(
            style, at: time, level: event.level, message: event.message.description,
            metadata: all.sorted { $0.key < $1.key })
        output.write(line.bytes, isUrgent: event.level >= .warning) { LogLine.note(dropped: $0, style, at: time) }
    }
}

extension LogStyle {
    /// `auto` is text on a terminal and JSON elsewhere. Colours only on a terminal, and not when `NO_COLOR` is set
    /// (no-color.org).
    package init(_ format: Settings.LogFormat, isTerminal: Bool, environment: [String: String]) {
        let colour = isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
        switch format {
        case .json: self = .json
        case .text: self = .text(colour: colour)
        case .auto: self = isTerminal ? .text(colour: colour) : .json
        }
    }
}

extension LoggingSystem {
    /// Once in a process: all loggers write to standard error as the settings say. Returns what writes there of requests.
    @discardableResult
    package static func bootstrap(_ settings: Settings, environment: [String: String]) -> RequestLog? {
        let output = LogOutput.standardError
        let style = LogStyle(settings.logFormat, isTerminal: output.isTerminal, environment: environment)
        let level = settings.logLevel
        bootstrap(
            { _, provider in
                LineLogHandler(style: style, output: output, level: level, metadataProvider: provider)
            }, metadataProvider: nil)
        return level <= .info ? RequestLog(style: style, output: output) : nil
    }
}
