/// An SSE `id`: a position in one stream of one session, as this process knows it (2025-11-25, basic/transports,
/// Resumability). It means nothing without the session, which means nothing without its owner.
package struct EventID: Equatable, Sendable, CustomStringConvertible {
    /// Differs between a session and the same session restored by a later process, whose streams begin anew.
    package var epoch: UInt32
    package var stream: StreamID
    package var position: Int

    package init(epoch: UInt32, stream: StreamID, position: Int) {
        self.epoch = epoch
        self.stream = stream
        self.position = position
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, text.utf8.count <= 48, parts.allSatisfy({ !$0.hasPrefix("+") }),
            let epoch = UInt32(parts[0], radix: 16), let stream = UInt64(parts[1]), let position = Int(parts[2]),
            (0...1 << 48).contains(position)
        else { return nil }
        self.init(epoch: epoch, stream: StreamID(stream), position: position)
    }

    package var description: String { "\(String(epoch, radix: 16))-\(stream.value)-\(position)" }
}
