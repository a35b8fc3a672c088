import MCPTesting
import NIOCore
import NIOPosix
import Synchronization

/// An HTTP server whose every byte is up to the test.
final class ScriptedServer: Sendable {
    typealias Script = @Sendable (Visitor) async throws -> Void

    let port: Int
    private let visits = Mutex<[Visitor]>([])
    private let opened: Tally

    private init(port: Int, _ opened: Tally) {
        self.port = port
        self.opened = opened
    }

    var url: String { "http://127.0.0.1:\(port)/mcp" }
    var all: [Visitor] { visits.withLock { $0 } }
    var connections: Int { opened.count }

    /// Serves each request with `script`, as long as `test` runs.
    static func run<Value: Sendable>(
        _ script: @escaping Script, _ test: @Sendable (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let (visitors, queue) = AsyncStream.makeStream(of: Visitor.self)
        let opened = Tally()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                opened.raise()
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(VisitorReader(queue))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(port: listener.localAddress?.port ?? 0, opened)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await withDiscardingTaskGroup { tasks in
                    for await visitor in visitors {
                        server.visits.withLock { $0.append(visitor) }
                        tasks.addTask { try? await script(visitor) }
                    }
                }
            }
            let result: Result<Value, any Error>
            do { result = .success(try await test(server)) } catch { result = .failure(error) }
            try await listener.close()
            group.cancelAll()
            return try result.get()
        }
    }
}

/// Takes the requests out of what a connection brings.
private final class VisitorReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let queue: AsyncStream<Visitor>.Continuation
    private let hungUp = Gate()
    private var bytes = ByteBuffer()

    init(_ queue: AsyncStream<Visitor>.Continuation) {
        self.queue = queue
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        while let visitor = Visitor(taking: &bytes, context.channel, hungUp) { queue.yield(visitor) }
    }

    func channelInactive(context: ChannelHandlerContext) { hungUp.open() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// One request that a scripted server got, and the way to answer it.
struct Visitor: Sendable {
    let verb: String
    let path: String
    /// With names in lower case.
    let headers: [String: String]
    let body: String
    private let channel: any Channel
    private let hungUp: Gate

    fileprivate init?(taking bytes: inout ByteBuffer, _ channel: any Channel, _ hungUp: Gate) {
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
        (self.channel, self.hungUp) = (channel, hungUp)
    }

    func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func write(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }

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
