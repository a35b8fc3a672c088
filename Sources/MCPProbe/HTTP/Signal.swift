/// Something that happens once, and one who waits for it.
final class Signal: Sendable {
    private let (stream, continuation) = AsyncStream<Never>.makeStream()

    func fire() { continuation.finish() }

    func wait() async { for await _ in stream {} }
}
