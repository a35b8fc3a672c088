import MCPTesting
import NIOCore
import NIOPosix
import Synchronization

/// An HTTP server whose every byte is up to the test.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (Visitor) async throws -> Void

    let port: Int
    private let visits = Mutex<[Visitor]>([])
    private let connectionCount = Mutex(0)

    private init(port: Int) {
        self.port = port
    }

    var url: String { "http://127.0.0.1:\(port)/mcp" }
    var all: [Visitor] { visits.withLock { $0 } }
    var connections: Int { connectionCount.withLock { $0 } }

    /// Serves each request with `script`, as long as `test` runs.
    static func run<Outcome: Sendable>(
        _ script: @escaping Script, _ test: @Sendable (ScriptedServer) async throws -> Outcome
    ) async throws -> Outcome {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { tasks in
                        for try await connection in connections {
                            tasks.addTask { try? await server.serve(connection, script) }
                        }
                    }
                }
            }
            let outcome = try await test(server)
            group.cancelAll()
            return outcome
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ script: @escaping Script) async throws {
        connectionCount.withLock { $0 += 1 }
        let channel = connection.channel
        try await connection.executeThenClose { inbound, outbound in
            let hungUp = Gate()
            let (requests, queue) = AsyncStream.makeStream(of: Visitor.self)
            await withTaskGroup { group in
                group.addTask {
                    var bytes = ByteBuffer()
                    do {
                        for try await piece in inbound {
                            bytes.writeImmutableBuffer(piece)
                            while let visitor = Visitor(taking: &bytes, outbound, channel, hungUp) {
                                self.visits.withLock { $0.append(visitor) }
                                queue.yield(visitor)
                            }
                        }
                    } catch {}
                    hungUp.open()
                    queue.finish()
                }
                group.addTask { for await visitor in requests { try? await script(visitor) } }
            }
        }
    }
}

/// One request that a scripted server got, and the way to answer it.
struct Visitor: Sendable {
    let verb: String
    let path: String
    /// With names in lower case.
    let headers: [String: String]
    let body: String
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private let hungUp: Gate

    fileprivate init?(
        taking bytes: inout ByteBuffer, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, _ channel: any Channel,
        _ hungUp: Gate
    ) {
        let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        let headLength = text[..<end.upperBound].utf8.count
        guard bytes.readableBytes >= headLength + length else { return nil }
        bytes.moveReaderIndex(forwardBy: headLength)
        body = bytes.readString(length: length) ?? ""
        let words = lines[0].split(separator: " ")
        (verb, path) = (String(words[0]), String(words[1]))
        self.headers = headers
        (self.outbound, self.channel, self.hungUp) = (outbound, channel, hungUp)
    }

    func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    func write(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

    /// A whole response.
    func answer(_ status: Int, _ type: String? = "application/json", _ fields: [String] = [], body: String = "")
        async throws
    {
        let lines = ["HTTP/1.1 \(status) X"] + (type.map { ["Content-Type: \($0)"] } ?? []) + fields
        try await write((lines + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n"))
    }

    /// The head of a stream of events.
    func stream(_ fields: [String] = []) async throws {
        let lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"] + fields
        try await write((lines + ["", ""]).joined(separator: "\r\n"))
    }

    func chunk(_ text: String) async throws {
        try await write("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    func event(_ data: String, id: String? = nil) async throws {
        try await chunk((id.map { "id: \($0)\n" } ?? "") + "data: \(data)\n\n")
    }

    func endStream() async throws { try await write("0\r\n\r\n") }

    func hangUp() async throws { try await channel.close() }

    /// Returns when the client has closed the connection.
    func untilHungUp() async { await hungUp.pass() }
}

extension String {
    fileprivate func range(of part: String) -> Range<String.Index>? {
        let bytes = Array(utf8)
        let wanted = Array(part.utf8)
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count) where bytes[start] == wanted[0] {
            if bytes[start..<start + wanted.count].elementsEqual(wanted) {
                let lower = utf8.index(startIndex, offsetBy: start)
                return lower..<utf8.index(lower, offsetBy: wanted.count)
            }
        }
        return nil
    }
}
