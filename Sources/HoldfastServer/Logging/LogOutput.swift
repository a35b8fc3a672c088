import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where log lines go: one file descriptor, whole lines in their order.
///
/// Who finds the descriptor busy leaves their line to whoever is writing, so that no request waits for another's. A
/// reader that is slow is waited for, one that is stuck or gone is not: its lines are dropped and counted, and the
/// first line that gets through again is preceded by their number.
package final class LogOutput: Sendable {
    package static let standardError = LogOutput(descriptor: 2)

    private struct Waiting {
        var bytes: [UInt8] = []
        var lines = 0
    }

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
    private let waiting = Mutex(Waiting())
    // Held during the write, which is what it is for: lines must not mix.
    private let state = Mutex(State())

    /// - Parameter patience: How many milliseconds a line waits for a slow reader before that counts as stuck.
    package init(descriptor: Int32, patience: Int32 = 100) {
        self.descriptor = descriptor
        self.patience = patience
        // Pipes, sockets and terminals have no place to go to.
        isFile = lseek(descriptor, 0, SEEK_CUR) >= 0
    }

    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Lines that went nowhere.
    package var dropped: Int { state.withLock { $0.dropped } }

    /// With more than this waiting, even those who could leave their line wait.
    private static let bound = 64 << 10

    /// - Parameters:
    ///   - isUrgent: Whether to return only when the line is out: the process may end right after it.
    ///   - note: Makes the line that reports dropped ones.
    func write(_ line: [UInt8], isUrgent: Bool = false, note: (_ dropped: Int) -> [UInt8]) {
        let isFull = waiting.withLock { waiting in
            if waiting.lines == 0 { waiting.bytes = line } else { waiting.bytes += line }
            waiting.lines += 1
            return waiting.bytes.count > Self.bound
        }
        if isFull || isUrgent { state.withLock { drain(&$0, note) } }
        // A line that comes while the writer is about to leave is seen by the writer after it has left.
        while waiting.withLock({ $0.lines > 0 }), state.withLockIfAvailable({ drain(&$0, note) }) != nil {}
    }

    private func drain(_ state: inout State, _ note: (_ dropped: Int) -> [UInt8]) {
        while true {
            let batch = waiting.withLock { waiting in
                defer { waiting = Waiting() }
                return waiting
            }
            if batch.lines == 0 { return }
            send(batch, &state, note)
        }
    }

    private func send(_ batch: Waiting, _ state: inout State, _ note: (_ dropped: Int) -> [UInt8]) {
        if state.unreported > 0 || state.isTorn {
            let lead = (state.isTorn ? [UInt8(ascii: "\n")] : []) + note(state.unreported)
            guard send(lead, &state) == lead.count else { return drop(batch.lines, &state) }
            state.unreported = 0
        }
        let sent = send(batch.bytes, &state)
        if sent < batch.bytes.count {
            drop(batch.lines - batch.bytes[..<sent].count { $0 == UInt8(ascii: "\n") }, &state)
        }
    }

    private func drop(_ lines: Int, _ state: inout State) {
        state.dropped += lines
        state.unreported += lines
    }

    /// A pipe that polls as writable takes this much without blocking.
    private static let chunk = 4_096

    /// How many of the bytes were taken.
    private func send(_ bytes: [UInt8], _ state: inout State) -> Int {
        bytes.withUnsafeBytes { bytes in
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
            if sent > 0 { state.isTorn = bytes[sent - 1] != UInt8(ascii: "\n") }
            return sent
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
