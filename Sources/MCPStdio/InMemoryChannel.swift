import MCPEngine
package import MCPProtocol

/// Lines between a server and a client in the same process: a test talks to a whole server without a pipe.
package final class InMemoryChannel: LineChannel {
    /// The other end.
    package struct Client: Sendable {
        fileprivate let sent: Outbox
        fileprivate let received: Outbox

        /// One message, without a line break. Waits while the server is behind; false when it has gone.
        @discardableResult
        package func send(_ line: String) async -> Bool { await sent.send(Array(line.utf8)) }

        /// The server's next message; nil when there will be none.
        package func receive() async -> String? {
            guard case .message(let line) = await received.next() else { return nil }
            return String(decoding: line, as: UTF8.self)
        }

        /// The end of what this side has to say. What the server still owes can be received.
        package func finish() { sent.finish() }

        /// This side is gone: it neither sends nor receives any more.
        package func close() {
            sent.finish()
            received.close()
        }
    }

    package let client: Client
    private let longestLine: Int

    /// - Parameters:
    ///   - buffer: How many bytes may be under way in each direction.
    ///   - longestLine: In bytes.
    package init(buffer: Int = 64 << 10, longestLine: Int = 4 << 20) {
        client = Client(sent: Outbox(limit: buffer), received: Outbox(limit: buffer))
        self.longestLine = longestLine
    }

    package func next() async -> InputLine? {
        guard case .message(let line) = await client.sent.next() else { return nil }
        return line.count > longestLine ? .tooLong : .text(line)
    }

    package func stopReading() { client.sent.close() }

    package func write(_ line: [UInt8]) async throws {
        guard await client.received.send(line) else { throw ChannelClosed() }
    }

    package func stopWriting() { client.received.close() }

    package func close() {
        client.sent.close()
        client.received.finish()
    }
}
