import Crypto

extension Principal {
    /// The same whatever token it comes with, so that a fresh one finds the sessions of the one before (S-10).
    ///
    /// The id is a hash: subjects may be long, and be names of people.
    package static func oauth(issuer: String, subject: String) -> Principal {
        let hash = SHA256.hash(data: Array("\(issuer)\u{0}\(subject)".utf8)).hexadecimal
        return Principal(id: "oauth:\(hash.prefix(32))", name: String(subject.prefix(64)))
    }
}
