import Crypto
import FoundationEssentials

/// What a client holds of a grant: its code, a refresh token or an access token.
///
/// As text it is `hfc_`, `hfr_` or `hfa_`, the grant's id, `_`, the generation, `_`, and 32 bytes in lower-case hex.
/// The generation counts how often the grant has given out tokens before: a code is of generation 0. The secrets of a
/// generation are made from the secret before it, so that an answer that was lost can be given again though only hashes
/// are kept (Docs/decisions/0020-a-refresh-token-makes-its-successor.md).
package struct GrantSecret: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case code = "hfc"
        case refresh = "hfr"
        case access = "hfa"
    }

    package var kind: Kind
    /// The id of the grant.
    package var grant: String
    package var generation: Int
    /// 32 bytes.
    package var secret: [UInt8]

    package init(_ kind: Kind, of grant: String, generation: Int, secret: [UInt8]) {
        self.kind = kind
        self.grant = grant
        self.generation = generation
        self.secret = secret
    }

    /// Nil when the text does not have the form of one.
    package init?(parsing text: String) {
        guard text.utf8.count <= 160 else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 4, let kind = Kind(rawValue: String(parts[0])), (8...64).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }),
            (1...9).contains(parts[2].utf8.count), parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let generation = Int(parts[2]), let secret = Self.bytes(hex: parts[3])
        else { return nil }
        self.init(kind, of: String(parts[1]), generation: generation, secret: secret)
    }

    package var text: String {
        "\(kind.rawValue)_\(grant)_\(generation)_\(secret.map { Self.hex($0) }.joined())"
    }

    /// What is kept of it: the SHA-256 of the secret.
    package var hash: [UInt8] { Array(SHA256.hash(data: secret)) }

    /// The refresh token, or the access token, of the next generation.
    func successor(_ kind: Kind, key: [UInt8]) -> GrantSecret {
        var code = HMAC<SHA256>(key: SymmetricKey(data: key))
        code.update(data: Array(kind.rawValue.utf8))
        code.update(data: secret)
        return GrantSecret(kind, of: grant, generation: generation + 1, secret: Array(code.finalize()))
    }

    private static func hex(_ byte: UInt8) -> String {
        byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
    }

    private static func bytes(hex: Substring) -> [UInt8]? {
        let digits = hex.utf8.map { digit -> UInt8? in
            switch digit {
            case 0x30...0x39: digit - 0x30
            case 0x61...0x66: digit - 0x61 + 10
            default: nil
            }
        }
        guard digits.count == 64, !digits.contains(nil) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}

extension GrantSecret: CustomStringConvertible, CustomReflectable {
    /// Without the secret, so that it cannot end up in a log by accident.
    package var description: String { "\(kind) of generation \(generation)" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
