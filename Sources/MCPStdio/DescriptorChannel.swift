package import MCPProtocol
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Lines over two file descriptors: a child's pipes, a terminal, files.
package final class DescriptorChannel: LineChannel {
    private static let piece = 64 << 10

    private let input: InterruptibleDescriptor
    private let output: InterruptibleDescriptor
    private let framer: Mutex<LineFramer>

    /// - Parameters:
    ///   - input: Read from, as `output` is written to; both belong to the channel from now on.
    ///   - longestLine: In bytes.
    package init(input: Int32, output: Int32, longestLine: Int) throws {
        self.input = try InterruptibleDescriptor(input, label: "mcp.stdio.input")
        self.output = try InterruptibleDescriptor(output, label: "mcp.stdio.output")
        framer = Mutex(LineFramer(limit: longestLine))
    }

    /// Standard input and output, for messages only: what is printed from now on goes to standard error, and a child
    /// process inherits an empty input.
    package static func standard(longestLine: Int) throws -> DescriptorChannel {
        signal(SIGPIPE, SIG_IGN)
        let (input, output) = (fcntl(0, F_DUPFD_CLOEXEC, 3), fcntl(1, F_DUPFD_CLOEXEC, 3))
        guard input >= 0, output >= 0 else { throw ChannelClosed() }
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, 0)
            systemClose(nothing)
        }
        dup2(2, 1)
        return try DescriptorChannel(input: input, output: output, longestLine: longestLine)
    }

    package func next() async -> InputLine? {
        while true {
            if let line = framer.withLock({ $0.next() }) { return line }
            guard let bytes = await input.read(Self.piece) else { return framer.withLock { $0.rest() } }
            framer.withLock { $0.add(bytes) }
        }
    }

    package func stopReading() { input.interrupt() }

    package func write(_ line: [UInt8]) async throws {
        guard await output.write(line + [UInt8(ascii: "\n")]) else { throw ChannelClosed() }
    }

    package func stopWriting() { output.interrupt() }

    package func close() {
        input.close()
        output.close()
    }
}

private func systemClose(_ descriptor: Int32) {
    _ = close(descriptor)
}
