import Crypto
import CryptoExtras
import FoundationEssentials

/// A password as it is kept: scrypt (RFC 7914), with the cost that it was made with.
package struct PasswordHash: Equatable, Sendable {
    /// N, a power of two; with r = 8 it takes N KiB of memory.
    package var rounds: Int
    package var salt: [UInt8]
    package var hash: [UInt8]

    package init(rounds: Int, salt: [UInt8], hash: [UInt8]) {
        self.rounds = rounds
        self.salt = salt
        self.hash = hash
    }

    /// 32 MiB; what the passwords of today are made with.
    package static let rounds = 1 << 15
    /// In UTF-8 bytes.
    package static let shortest = 10
    package static let longest = 1024

    /// - Parameter salt: 16 random bytes.
    package init(of password: String, salt: [UInt8], rounds: Int = PasswordHash.rounds) throws {
        self.init(rounds: rounds, salt: salt, hash: try Self.derive(password, salt, rounds))
    }

    /// Takes as long for a wrong password as for the right one.
    package func matches(_ password: String) -> Bool {
        guard password.utf8.count <= Self.longest, let other = try? Self.derive(password, salt, rounds) else {
            return false
        }
        return constantTimeEquals(other, hash)
    }

    /// Nobody's: what is checked when there is no such user, so that it takes as long.
    package static let nobody = PasswordHash(
        rounds: rounds, salt: Array(repeating: 0, count: 16), hash: Array(repeating: 0, count: 32))

    private static func derive(_ password: String, _ salt: [UInt8], _ rounds: Int) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: 32, rounds: rounds, blockSize: 8, parallelism: 1)
        return key.withUnsafeBytes { Array($0) }
    }
}

extension PasswordHash: CustomStringConvertible, CustomReflectable {
    package var description: String { "<password>" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
