import Logging

/// The logger for Hummingbird, which marks a copy of it with a number for every request: nothing of ours uses that, so
/// it is not kept.
struct FrameworkLog: LogHandler {
    private let logger: Logger
    var logLevel: Logger.Level

    init(_ logger: Logger, level: Logger.Level) {
        self.logger = logger
        logLevel = level
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        logger.log(
            level: event.level, event.message, metadata: event.metadata, source: event.source, file: event.file,
            function: event.function, line: event.line)
    }
}
