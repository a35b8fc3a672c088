#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An address, to be judged before anybody connects to it.
package struct IPAddress: Sendable, Equatable, CustomStringConvertible {
    /// 4 or 16, in network order.
    package let bytes: [UInt8]
    package let description: String

    /// - Parameter text: As `inet_pton` reads it, which takes no short, octal or hexadecimal forms.
    package init?(_ text: String) {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 {
                self.init(bytes: bytes)
                return
            }
        }
        return nil
    }

    /// - Parameter bytes: 4 or 16, in network order.
    init?(bytes: [UInt8]) {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else {
            return nil
        }
        self.bytes = bytes
        description = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var isIPv4: Bool { bytes.count == 4 }

    package var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
    }

    /// Whether it is one of the public internet (IANA's registries of special-purpose addresses, RFC 6890): nothing that
    /// leads to this machine, its networks, many machines at once, or another address in disguise.
    package var isPublic: Bool {
        if isIPv4 { return !Self.special4.contains { $0.holds(bytes) } }
        // Global unicast is 2000::/3; what is translated, mapped, local or multicast lies outside.
        return Prefix([0x20], 3).holds(bytes) && !Self.special6.contains { $0.holds(bytes) }
    }

    private struct Prefix: Sendable {
        let bytes: [UInt8]
        let bits: Int

        init(_ bytes: [UInt8], _ bits: Int) {
            self.bytes = bytes
            self.bits = bits
        }

        func holds(_ address: [UInt8]) -> Bool {
            for bit in 0..<bits {
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                let wanted = bit / 8 < bytes.count ? bytes[bit / 8] : 0
                if address[bit / 8] & mask != wanted & mask { return false }
            }
            return true
        }
    }

    private static let special4 = [
        Prefix([0], 8), Prefix([10], 8), Prefix([100, 64], 10), Prefix([127], 8), Prefix([169, 254], 16),
        Prefix([172, 16], 12), Prefix([192, 0, 0], 24), Prefix([192, 0, 2], 24), Prefix([192, 31, 196], 24),
        Prefix([192, 52, 193], 24), Prefix([192, 88, 99], 24), Prefix([192, 168], 16), Prefix([192, 175, 48], 24),
        Prefix([198, 18], 15), Prefix([198, 51, 100], 24), Prefix([203, 0, 113], 24), Prefix([224], 4),
        Prefix([240], 4),
    ]

    private static let special6 = [
        // Teredo, benchmarking, ORCHID and their like; documentation; 6to4; documentation; the AS112 project.
        Prefix([0x20, 0x01, 0x00, 0x00], 23), Prefix([0x20, 0x01, 0x0d, 0xb8], 32), Prefix([0x20, 0x02], 16),
        Prefix([0x3f, 0xff, 0x00], 20), Prefix([0x26, 0x20, 0x00, 0x4f, 0x80, 0x00], 48),
    ]
}
