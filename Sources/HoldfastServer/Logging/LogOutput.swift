import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where log lines go: one file descriptor, one line at a time.
///
/// A reader that is slow is waited for, one that is stuck or gone is not: its lines are dropped and counted, and the
/// first line that gets through again is preceded by their number.
package final class LogOutput: Sendable {
    package static let standardError = LogOutput(descriptor: 2)

    private struct State {
        /// The last attempt found nobody reading.
        var isStuck = false
        /// Half a line is out; the next one must begin on a line of its own.
        var isTorn = false
        var dropped = 0
        var unreported = 0
    }

    private let descriptor: Int32
    private let isFile: Bool
    private let patience: Int32
    // Held during the write, which is what it is for: lines must not mix.
    private let state = Mutex(State())

    /// - Parameter patience: How many milliseconds a line waits for a slow reader before that counts as stuck.
    package init(descriptor: Int32, patience: Int32 = 100) {
        self.descriptor = descriptor
        self.patience = patience
        var status = stat()
        isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Lines that went nowhere.
    package var dropped: Int { state.withLock { $0.dropped } }

    /// - Parameter note: Makes the line that reports dropped ones.
    func write(_ line: [UInt8], note: (_ dropped: Int) -> [UInt8]) {
        state.withLock { state in
            if state.unreported > 0 || state.isTorn {
                let lead = (state.isTorn ? [UInt8(ascii: "\n")] : []) + note(state.unreported)
                guard send(lead, &state) else { return drop(&state) }
                state.unreported = 0
                state.isTorn = false
            }
            if !send(line, &state) { drop(&state) }
        }
    }

    private func drop(_ state: inout State) {
        state.dropped += 1
        state.unreported += 1
    }

    /// A pipe that polls as writable takes this much without blocking.
    private static let chunk = 4_096

    private func send(_ line: [UInt8], _ state: inout State) -> Bool {
        line.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                guard isWritable(&state), let start = bytes.baseAddress else { break }
                let count = min(bytes.count - sent, isFile ? Int.max : Self.chunk)
                let written = systemWrite(descriptor, start + sent, count)
                if written > 0 {
                    sent += written
                } else if errno != EINTR && errno != EAGAIN {
                    break
                }
            }
            if sent > 0, sent < bytes.count { state.isTorn = true }
            return sent == bytes.count
        }
    }

    private func isWritable(_ state: inout State) -> Bool {
        if isFile { return true }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var ready = poll(&request, 1, state.isStuck ? 0 : patience)
        while ready < 0 && errno == EINTR { ready = poll(&request, 1, 0) }
        state.isStuck = ready <= 0
        return ready > 0
    }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
