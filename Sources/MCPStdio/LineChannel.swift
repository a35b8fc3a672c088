package import MCPProtocol

/// Two directions of lines between a server and its one client. One task reads, one writes.
package protocol LineChannel: Sendable {
    /// The next line that is not blank; nil when there will be none, or after ``stopReading()``.
    func next() async -> InputLine?
    /// Wakes whoever waits in ``next()``.
    func stopReading()
    /// Writes `line` and a line break. Returns when it is on its way, and throws ``ChannelClosed`` when nobody will
    /// ever read it.
    func write(_ line: [UInt8]) async throws
    /// Gives up what is being written.
    func stopWriting()
    /// The client sees the end. Nothing may be read or written after this.
    func close()
}

/// The other side is gone.
package struct ChannelClosed: Error {
    package init() {}
}
