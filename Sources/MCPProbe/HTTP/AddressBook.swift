import NIOCore
import NIOPosix

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The addresses that a name stands for, and which of them take connections.
struct AddressBook: Sendable {
    struct Entry: Sendable {
        var address: String
        var isIPv6: Bool
        /// Nil when a connection was made.
        var trouble: String?
        var took: Duration
    }

    var entries: [Entry] = []
    /// Why the name could not be looked up.
    var failure: String?
    /// The URL with the other scheme, where that takes connections and this one does not.
    var otherScheme: String?

    var accepting: [Entry] { entries.filter { $0.trouble == nil } }

    /// Also looks whether it is only the scheme that is wrong.
    static func look(for target: ProbeTarget, client: ProbeClient) async -> AddressBook {
        var book = await look(up: target.host, port: target.port, client: client)
        guard book.failure == nil, book.accepting.isEmpty, let other = target.withOtherScheme, other.port != target.port
        else { return book }
        let there = await look(up: other.host, port: other.port, client: client)
        if !there.accepting.isEmpty { book.otherScheme = other.url }
        return book
    }

    /// Few are tried: of a name with many addresses, the first of each kind.
    private static func look(up host: String, port: Int, client: ProbeClient) async -> AddressBook {
        var book = AddressBook()
        let found: [SocketAddress]
        do {
            found = try await NIOThreadPool.singleton.runIfActive { try resolve(host, port) }
        } catch {
            book.failure = Excerpt.of("\(error)")
            return book
        }
        let some = found.filter { $0.protocol == .inet }.prefix(2) + found.filter { $0.protocol == .inet6 }.prefix(2)
        book.entries = await withTaskGroup { group in
            for (index, address) in some.enumerated() {
                group.addTask { (index, await connect(to: address, client)) }
            }
            return await group.reduce(into: [(Int, Entry)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return book
    }

    private static func connect(to address: SocketAddress, _ client: ProbeClient) async -> Entry {
        let began = client.now
        var entry = Entry(
            address: address.ipAddress ?? "\(address)", isIPv6: address.protocol == .inet6, trouble: nil, took: .zero)
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(4)).connect(to: address).get()
            try? await channel.close()
        } catch {
            entry.trouble = Self.words(error)
        }
        entry.took = client.now - began
        return entry
    }

    private static func words(_ error: any Error) -> String {
        if case ChannelError.connectTimeout? = error as? ChannelError { return "no connection within 4 s" }
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        return Excerpt.of("\(error)")
    }

    private struct Unresolved: Error, CustomStringConvertible { var description: String }

    private static func resolve(_ host: String, _ port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else { throw Unresolved(description: String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr {
                switch entry.pointee.ai_family {
                case AF_INET:
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        found.append(SocketAddress($0.pointee))
                    }
                case AF_INET6:
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        found.append(SocketAddress($0.pointee))
                    }
                default: break
                }
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
