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
        let timer = cutAfterLimit()
        defer { deadlines.cancel(timer) }
        try await writer.write(buffer)
        // Until the event loop has seen this write, the next would be taken without asking whether there is room.
        try await channel.eventLoop.submit {}.get()
    }

    func finish(_ writer: inout any ResponseBodyWriter) async throws {
        let timer = cutAfterLimit()
        defer { deadlines.cancel(timer) }
        try await writer.finish(nil)
    }

    private func cutAfterLimit() -> Deadlines.Token {
        deadlines.schedule(after: limit) { [channel] in channel.close(promise: nil) }
    }
}
