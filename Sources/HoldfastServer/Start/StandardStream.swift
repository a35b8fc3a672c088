#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Unbuffered, so that a text is out when the call returns, into a pipe as well.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Nobody reading is no reason to fail.
    func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count, let start = bytes.baseAddress {
                let written = systemWrite(rawValue, start + sent, bytes.count - sent)
                if written > 0 {
                    sent += written
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
