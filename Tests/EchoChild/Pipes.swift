#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Standard input, output and error, without anything in between.
enum Pipes {
    /// What can be read now, waiting for it at most so many milliseconds (-1: for ever). Nil at the end.
    static func read(within milliseconds: Int32) -> [UInt8]? {
        var polled = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&polled, 1, milliseconds) > 0 else { return [] }
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, initialized in
            count = systemRead(0, buffer.baseAddress, buffer.count)
            initialized = max(0, count)
        }
        return count > 0 || (count < 0 && errno == EINTR) ? bytes : nil
    }

    /// False when nobody reads.
    @discardableResult static func write(_ bytes: [UInt8], to descriptor: Int32 = 1) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let written = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress! + sent, $0.count - sent) }
            if written < 0, errno != EINTR { return false }
            sent += max(0, written)
        }
        return true
    }

    static func waitForEver() -> Never {
        while true { pause() }
    }

    /// Starts this program again, with our pipes; returns its process id.
    static func descend(_ flags: String) -> pid_t {
        let words = [CommandLine.arguments[0]] + flags.split(separator: " ").map(String.init)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        return posix_spawn(&process, words[0], nil, nil, &arguments, environ) == 0 ? process : -1
    }

    /// What its descriptors are, as Linux names it.
    static var targets: [String] {
        (0..<256).compactMap { number in
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = buffer.withUnsafeMutableBytes { buffer in
                buffer.withMemoryRebound(to: CChar.self) { buffer in
                    buffer.baseAddress.map { readlink("/proc/self/fd/\(number)", $0, buffer.count) } ?? 0
                }
            }
            return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
        }
    }
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutablePointer<UInt8>?, _ count: Int) -> Int {
    read(descriptor, start, count)
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
