import Logging
package import MCPHTTP

/// Writes the line of each request. It is by far the most frequent, so it is put together without a dictionary.
package struct RequestLog: Sendable {
    private let style: LogStyle
    private let output: LogOutput

    package init(style: LogStyle, output: LogOutput) {
        self.style = style
        self.output = output
    }

    package func write(_ request: RequestLine) {
        let time = LogTime.now()
        let hundredths = Int((request.duration / .milliseconds(1) * 100).rounded())
        var line = LogLine(style, at: time, level: .info, message: "request")
        line.add("correlation", text: request.correlationID)
        line.add("method", text: request.method)
        line.add("mode", text: request.mode)
        line.add("ms", number: hundredths / 100, fraction: hundredths % 100)
        line.add("outcome", text: request.outcome)
        if let principal = request.principal { line.add("principal", text: principal) }
        if let session = request.session { line.add("session", text: session) }
        line.add("status", number: request.status)
        line.add("verb", text: request.verb)
        line.end()
        output.write(line.bytes) { LogLine.note(dropped: $0, style, at: time) }
    }
}
