import AsyncHTTPClient
import MCPProtocol
import NIOCore
import NIOHTTP1

/// What clients do to connections.
extension Visitor {
    /// Opens the session's listening stream and goes away again after a while.
    func listen(_ session: String, milliseconds: Int) async {
        var request = request(.GET, session: session, version: Self.newest)
        request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [request] in
                do {
                    let response = try await exchange(request)
                    guard response.status == .ok else {
                        _ = try await response.body.collect(upTo: 1 << 20)
                        if !isAway(Int(response.status.code)) { fault("GET got \(response.status.code)") }
                        return
                    }
                    for try await _ in response.body {}
                    tally.fine("stream ended")
                } catch is CancellationError {
                    tally.fine("left a stream")
                } catch {
                    // Cut by us, or by a server that is replaced.
                    tally.fine("left a stream")
                }
            }
            await rest(milliseconds)
            group.cancelAll()
        }
    }

    /// Sends a call and hangs up before its answer.
    func leave(_ tool: Tool, _ session: String, after milliseconds: Int) async {
        let (name, arguments, _) = tool.call(isFront: options.isFront)
        let message = request("tools/call", ["name": JSON(name), "arguments": arguments], id: "left")
        let post = known(post(message, session: session, version: Self.newest), by: credential.bearer)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = try? await paced(post, within: 30).body.collect(upTo: 1 << 20)
                tally.fine("left a call")
            }
            await rest(milliseconds)
            group.cancelAll()
        }
    }

    /// N6: a body that breaks off.
    func sendHalf(_ session: String) async {
        var post = known(request(.POST, session: session, version: Self.newest), by: credential.bearer)
        post.headers.add(name: "Content-Type", value: "application/json")
        post.body = .stream(HalfABody(), length: .known(1_000))
        _ = try? await paced(post, within: 5)
        tally.fine("half a body")
    }
}

private struct HalfABody: AsyncSequence, Sendable {
    struct Breaks: Error {}

    struct AsyncIterator: AsyncIteratorProtocol {
        var isSent = false

        mutating func next() async throws -> ByteBuffer? {
            if isSent { throw Breaks() }
            isSent = true
            return ByteBuffer(string: #"{"jsonrpc""#)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
