import Hummingbird
import MCPEngine
import NIOCore

/// Waits for a client to take what is written to it, but not for ever: then its connection is closed, and only its.
struct TimedWriter: Sendable {
    /// What is written at once; small beside the socket's buffers, large beside the cost of a write.
    static let piece = 64 << 10

    let channel: any Channel
    let limit: Duration
    let deadlines: Deadlines

    func write(_ buffer: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        let timer = deadlines.schedule(after: limit) { [channel] in channel.close(promise: nil) }
        defer { deadlines.cancel(timer) }
        try await writer.write(buffer)
    }
}
