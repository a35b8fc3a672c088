import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file descriptor that is waited for on a thread of its own, and can be let go of while it is.
///
/// It stays in the mode it was given in: making a terminal non-blocking would make it so for the shell as well. So it
/// works with pipes, sockets, terminals and files alike.
final class InterruptibleDescriptor: Sendable {
    private struct State {
        var isInterrupted = false
        var isClosed = false
    }

    private let descriptor: Int32
    /// Read end and write end of the pipe that interrupts a wait.
    private let alarm: (read: Int32, write: Int32)
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// - Parameter descriptor: Belongs to this object from now on.
    init(_ descriptor: Int32, label: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ChannelClosed() }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.descriptor = descriptor
        alarm = (ends[0], ends[1])
        queue = DispatchQueue(label: label)
    }

    deinit { close() }

    /// What can be read, at most `count` bytes; nil at the end, and once interrupted.
    func read(_ count: Int) async -> [UInt8]? {
        await onItsThread { descriptor in
            while descriptor.isReady(for: POLLIN) {
                let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                    initialized = max(0, systemRead(descriptor.descriptor, buffer.baseAddress, count))
                }
                if !bytes.isEmpty { return bytes }
                guard errno == EINTR || errno == EAGAIN else { return nil }
            }
            return nil
        }
    }

    /// A pipe that is ready takes this much without blocking.
    private static let piece = 4_096

    /// False when nobody will read it, and once interrupted.
    func write(_ bytes: [UInt8]) async -> Bool {
        await onItsThread { descriptor in
            bytes.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    guard descriptor.isReady(for: POLLOUT), let start = bytes.baseAddress else { return false }
                    let written = systemWrite(
                        descriptor.descriptor, start + sent, min(bytes.count - sent, Self.piece))
                    if written > 0 {
                        sent += written
                    } else if errno != EINTR && errno != EAGAIN {
                        return false
                    }
                }
                return true
            }
        }
    }

    /// Ends whatever waits, now and later.
    func interrupt() {
        state.withLock { state in
            guard !state.isInterrupted, !state.isClosed else { return }
            state.isInterrupted = true
            var byte: UInt8 = 0
            _ = systemWrite(alarm.write, &byte, 1)
        }
    }

    func close() {
        interrupt()
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        // After whatever is still being done on it.
        queue.async { [descriptor, alarm] in
            for number in [descriptor, alarm.read, alarm.write] { systemClose(number) }
        }
    }

    private func onItsThread<Result: Sendable>(
        _ body: @escaping @Sendable (InterruptibleDescriptor) -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: body(self)) }
        }
    }

    /// Waits for the descriptor; false when interrupted. An error counts as ready: what is tried next reports it.
    private func isReady(for events: Int32) -> Bool {
        var polled = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: alarm.read, events: Int16(POLLIN), revents: 0),
        ]
        errno = 0
        while poll(&polled, 2, -1) < 0 {
            guard errno == EINTR else { return false }
        }
        errno = 0
        return polled[1].revents == 0
    }
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    read(descriptor, start, count)
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}

private func systemClose(_ descriptor: Int32) {
    _ = close(descriptor)
}
