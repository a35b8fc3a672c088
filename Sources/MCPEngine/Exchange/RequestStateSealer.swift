import Crypto
package import FoundationEssentials
import MCPProtocol

/// Turns a request's state into text that only this server can read, and only for the same caller, method and params.
///
/// The text is base64url (RFC 4648 §5, unpadded) of: version, 1 byte · key id, 8 · nonce, 12 · ciphertext · tag, 16
/// (ChaCha20-Poly1305, RFC 8439). Version, key id and ``RequestStateBinding`` are authenticated with it.
package struct RequestStateSealer: Sendable {
    package struct Limits: Sendable {
        /// Of the whole text.
        package var bytes = 64 << 10
        /// From sealing to the latest retry.
        package var lifetime: Duration = .seconds(3600)
        package var keyRotation: Duration = .seconds(30 * 86_400)

        package init() {}
    }

    private let keys: SealingKeyRing
    private let limits: Limits

    package init(store: any SealingKeyStore, limits: Limits = Limits()) {
        keys = SealingKeyRing(store: store, rotation: limits.keyRotation, lifetime: limits.lifetime)
        self.limits = limits
    }

    private static let version: UInt8 = 1
    private static let idLength = 8
    private static let overhead = 1 + idLength + 12 + 16

    /// - Throws: ``RequestStateFault/tooLarge(limit:)``, or ``StoreError`` when there is no key to be had.
    package func seal(_ state: RequestState, for request: RequestStateBinding, at date: Date) async throws -> String {
        let plain = Self.encode(state, expires: date + limits.lifetime.seconds)
        guard (plain.count + Self.overhead) * 4 / 3 + 1 <= limits.bytes else {
            throw RequestStateFault.tooLarge(limit: limits.bytes)
        }
        let key = try await keys.current(at: date)
        let header = [Self.version] + key.id
        let box = try ChaChaPoly.seal(
            plain, using: SymmetricKey(data: key.secret), authenticating: request.bytes(header: header))
        return Base64URL.text(header + box.combined)
    }

    /// - Throws: ``RequestStateFault``, or ``StoreError`` when the keys cannot be read.
    package func open(_ text: String, for request: RequestStateBinding, at date: Date) async throws -> RequestState {
        guard text.utf8.count <= limits.bytes, let bytes = Base64URL.bytes(text), bytes.count >= Self.overhead,
            bytes[0] == Self.version
        else { throw RequestStateFault.malformed }
        let header = Array(bytes[...Self.idLength])
        // Keys are kept for longer than states live: what was sealed with one that is gone has expired.
        guard let key = try await keys.key(Array(header.dropFirst()), at: date) else { throw RequestStateFault.expired }
        guard let box = try? ChaChaPoly.SealedBox(combined: bytes[header.count...]),
            let plain = try? ChaChaPoly.open(
                box, using: SymmetricKey(data: key.secret), authenticating: request.bytes(header: header)),
            let (state, expires) = Self.decode(Array(plain))
        else { throw RequestStateFault.foreign }
        guard date < expires else { throw RequestStateFault.expired }
        return state
    }

    // MARK: What is sealed

    private static func encode(_ state: RequestState, expires: Date) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("expires", expires.milliseconds)
        writer.name("asked")
        writer.beginArray()
        for key in state.asked.sorted() { writer.value(key) }
        writer.endArray()
        writer.name("answers")
        writer.beginObject()
        for (key, answer) in state.answers.sorted(by: { $0.key < $1.key }) { writer.member(key, answer) }
        writer.endObject()
        if let carried = state.carried { writer.member("carried", carried) }
        writer.endObject()
        return writer.bytes
    }

    private static func decode(_ bytes: [UInt8]) -> (RequestState, expires: Date)? {
        // What was nested as deeply as is allowed lies three levels deeper here.
        guard let json = try? JSON(parsing: bytes, limits: JSON.Limits(depth: .max)),
            let expires = json["expires"]?.integer, let asked = json["asked"]?.elements,
            let answers = json["answers"]?.members
        else { return nil }
        let state = RequestState(
            answers: Dictionary(answers.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            asked: Set(asked.compactMap(\.string)), carried: json["carried"])
        return (state, Date(milliseconds: expires))
    }
}
