import Dispatch
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Asks the system for all addresses of a name, once. The system takes the time it wants; whoever asked need not wait for
/// it.
final class HostLookup: Sendable {
    private let queue = DispatchQueue(label: "holdfast.lookups", attributes: .concurrent)
    private let running = Mutex(0)
    /// At once, those among them that nobody waits for any more.
    private static let most = 32

    /// Empty when there are none, when too many ask, and when the task is cancelled.
    func addresses(of host: String) async -> [IPAddress] {
        let isAdmitted = running.withLock { running in
            guard running < Self.most else { return false }
            running += 1
            return true
        }
        guard isAdmitted else { return [] }
        let answer = LookupAnswer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.awaited(by: continuation)
                queue.async { [self] in
                    answer.give(Self.find(host))
                    running.withLock { $0 -= 1 }
                }
            }
        } onCancel: {
            answer.give([])
        }
    }

    private static func find(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin) || canImport(Musl)
            hints.ai_socktype = SOCK_STREAM
        #else
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        var addresses: [IPAddress] = []
        var next = found
        while let info = next?.pointee {
            if let address = address(info) { addresses.append(address) }
            next = info.ai_next
        }
        return addresses
    }

    private static func address(_ info: addrinfo) -> IPAddress? {
        guard let place = info.ai_addr else { return nil }
        switch info.ai_family {
        case AF_INET:
            return place.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { place in
                IPAddress(bytes: withUnsafeBytes(of: place.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            return place.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { place in
                IPAddress(bytes: withUnsafeBytes(of: place.pointee.sin6_addr) { Array($0) })
            }
        default: return nil
        }
    }
}

/// What comes first counts: the system's answer, or that nobody waits any more.
private final class LookupAnswer: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<[IPAddress], Never>)
        case given([IPAddress])
    }

    private let state = Mutex(State.open)

    func awaited(by continuation: CheckedContinuation<[IPAddress], Never>) {
        let early = state.withLock { state -> [IPAddress]? in
            if case .given(let addresses) = state { return addresses }
            state = .awaited(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func give(_ addresses: [IPAddress]) {
        let waiting = state.withLock { state -> CheckedContinuation<[IPAddress], Never>? in
            switch state {
            case .given: return nil
            case .open:
                state = .given(addresses)
                return nil
            case .awaited(let continuation):
                state = .given(addresses)
                return continuation
            }
        }
        waiting?.resume(returning: addresses)
    }
}
