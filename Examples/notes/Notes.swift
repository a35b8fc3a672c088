import Synchronization

/// Texts by their titles, for as long as the process lives.
final class Notes: Sendable {
    private let texts = Mutex<[String: String]>([:])

    subscript(title: String) -> String? { texts.withLock { $0[title] } }

    var titles: [String] { texts.withLock { $0.keys.sorted() } }

    /// True when there was none of that title.
    func write(_ text: String, as title: String) -> Bool {
        texts.withLock { $0.updateValue(text, forKey: title) == nil }
    }

    func remove(_ title: String) { texts.withLock { $0[title] = nil } }

    /// Titles may hold anything; a URI may not (RFC 3986, 2.1).
    static func uri(of title: String) -> String {
        let plain = title.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return "notes://" + plain.joined()
    }
}
