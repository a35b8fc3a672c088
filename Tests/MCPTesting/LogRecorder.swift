package import Logging
import Synchronization

/// Keeps what is logged to it.
package final class LogRecorder: Sendable {
    private let lines = Mutex<[(event: String, metadata: [String: String])]>([])

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    /// The metadata of every line of that event.
    package func entries(of event: String) -> [[String: String]] {
        lines.withLock { $0.filter { $0.event == event }.map(\.metadata) }
    }

    package var text: String { lines.withLock { "\($0)" } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(recorder: LogRecorder) {
            self.recorder = recorder
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).mapValues { "\($0)" }
            recorder.lines.withLock { $0.append(("\(event.message)", metadata)) }
        }
    }
}
