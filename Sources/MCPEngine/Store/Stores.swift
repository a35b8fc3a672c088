package import FoundationEssentials
package import MCPProtocol

/// What the store layer cannot do, in words that may be logged. `description` holds no stored values.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable { case unavailable, conflict }
    package var kind: Kind
    package var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

// MARK: Sessions

/// A session's name in the store: the SHA-256 of its id, in lower-case hex. The id itself is never stored.
package struct SessionKey: Hashable, Sendable {
    package var hex: String
    package init(hex: String) { self.hex = hex }
}

/// What a restart must not forget of a session.
package struct SessionRecord: Equatable, Sendable {
    package var key: SessionKey
    /// The ``Principal/id`` it was made for.
    package var owner: String
    package var version: ProtocolVersion
    /// `initialize` params `clientInfo`, verbatim.
    package var clientInfo: JSON?
    /// `initialize` params `capabilities`, verbatim.
    package var capabilities: JSON?
    /// The client's last `logging/setLevel`, nil before the first.
    package var logLevel: LogLevel?
    /// The URIs of the resources it has subscribed to, in their order.
    package var subscriptions: [String]
    package var created: Date
    package var lastSeen: Date
    /// When it ended; a record that has ended is a tombstone.
    package var ended: Date?

    package init(
        key: SessionKey, owner: String, version: ProtocolVersion, clientInfo: JSON? = nil, capabilities: JSON? = nil,
        logLevel: LogLevel? = nil, subscriptions: [String] = [], created: Date, lastSeen: Date, ended: Date? = nil
    ) {
        self.key = key
        self.owner = owner
        self.version = version
        self.clientInfo = clientInfo
        self.capabilities = capabilities
        self.logLevel = logLevel
        self.subscriptions = subscriptions
        self.created = created
        self.lastSeen = lastSeen
        self.ended = ended
    }
}

/// Sessions that outlive the process. No call assumes that it is the only writer. Dates keep at least milliseconds.
package protocol SessionStore: Sendable {
    /// Throws ``StoreError/Kind/conflict`` when the key is taken.
    func insert(_ record: SessionRecord) async throws
    func find(_ key: SessionKey) async throws -> SessionRecord?
    /// Turns the record into a tombstone. The first end wins; ending an unknown key does nothing.
    func end(_ key: SessionKey, at date: Date) async throws
    /// Moves `lastSeen` forward (never back) for every key given, in one batch. Unknown keys are passed over.
    func touch(_ seen: [SessionKey: Date]) async throws
    func setLogLevel(_ level: LogLevel, of key: SessionKey) async throws
    /// Replaces what the session is subscribed to. How many URIs there may be, and how long, is the caller's business.
    func setSubscriptions(_ uris: [String], of key: SessionKey) async throws
    /// Forgets live records last seen before `idleSince`, tombstones that ended before `endedBefore`, and then the
    /// least recently seen of either until no more than `keep` are left. Returns how many went.
    func sweep(idleSince: Date, endedBefore: Date, keep: Int) async throws -> Int
}

// MARK: Credentials

/// An API key as it is kept: the secret only as a hash.
package struct APIKeyRecord: Equatable, Sendable {
    /// The public part, found in the key itself.
    package var id: String
    /// Unique among keys that are not revoked.
    package var name: String
    /// SHA-256 of the secret part, 32 bytes.
    package var hash: [UInt8]
    package var created: Date
    package var revoked: Date?

    package init(id: String, name: String, hash: [UInt8], created: Date, revoked: Date? = nil) {
        self.id = id
        self.name = name
        self.hash = hash
        self.created = created
        self.revoked = revoked
    }
}

package protocol CredentialStore: Sendable {
    /// Throws ``StoreError/Kind/conflict`` when the id, or the name of a key that is not revoked, is taken.
    func insert(_ key: APIKeyRecord) async throws
    /// Every key, revoked ones too, oldest first.
    func keys() async throws -> [APIKeyRecord]
    /// Revokes the key of that name that is not yet revoked. False when there is none.
    func revoke(name: String, at date: Date) async throws -> Bool
}

// MARK: Memories

/// How urgently a memory wants to be seen again.
package enum MemoryPriority: String, CaseIterable, Sendable { case always, important, reference }

/// One version of one memory.
package struct MemoryRecord: Equatable, Sendable {
    /// Unguessable and unique; every version has its own.
    package var id: String
    package var owner: String
    /// Versions of one memory share a label; nil for a memory that has none.
    package var label: String?
    /// From 1; counts up under one label.
    package var version: Int
    package var content: String
    package var tags: [String]
    package var priority: MemoryPriority
    package var created: Date

    package init(
        id: String, owner: String, label: String?, version: Int, content: String, tags: [String],
        priority: MemoryPriority, created: Date
    ) {
        self.id = id
        self.owner = owner
        self.label = label
        self.version = version
        self.content = content
        self.tags = tags
        self.priority = priority
        self.created = created
    }
}

package struct MemoryStatistics: Equatable, Sendable {
    /// Memories, each label counted once.
    package var memories: Int
    /// All versions of all memories.
    package var versions: Int
    /// UTF-8 bytes of all content.
    package var bytes: Int
    package var byPriority: [MemoryPriority: Int]
    package var newest: Date?

    package init(memories: Int, versions: Int, bytes: Int, byPriority: [MemoryPriority: Int], newest: Date?) {
        self.memories = memories
        self.versions = versions
        self.bytes = bytes
        self.byPriority = byPriority
        self.newest = newest
    }
}

/// A memory by its id, or by its label and a version (nil: the newest).
package enum MemoryReference: Equatable, Sendable {
    case id(String)
    case label(String, version: Int?)
}

/// A place in the list of memories, which runs from the newest to the oldest. It stays good when the memory that it was
/// taken from is forgotten.
package struct MemoryPosition: Equatable, Sendable {
    package var created: Date
    package var id: String

    package init(created: Date, id: String) {
        self.created = created
        self.id = id
    }
}

/// Which memories a list is about: those that meet everything that is not nil.
package struct MemoryFilter: Equatable, Sendable {
    package var tag: String?
    package var labelPrefix: String?
    package var priority: MemoryPriority?

    package init(tag: String? = nil, labelPrefix: String? = nil, priority: MemoryPriority? = nil) {
        self.tag = tag
        self.labelPrefix = labelPrefix
        self.priority = priority
    }
}

/// What a ``MemoryReference`` stands for.
package struct MemoryCoverage: Equatable, Sendable {
    package var versions: Int
    /// UTF-8 bytes of their content.
    package var bytes: Int
    /// The newest of them; nil when there is none.
    package var newest: MemoryPreview?

    package init(versions: Int, bytes: Int, newest: MemoryPreview?) {
        self.versions = versions
        self.bytes = bytes
        self.newest = newest
    }
}

/// Memories, each visible to its owner only: for anyone else they do not exist. Dates keep at least milliseconds.
///
/// Owners, labels and tags are not empty, and are compared exactly, with their case. Previews hold an excerpt of at
/// most `excerpt` characters (Unicode scalars), so that an answer stays small however large the memories are.
package protocol MemoryStore: Sendable {
    /// Stores a new memory, or the next version under an existing label; nothing is ever overwritten.
    /// Returns the record with the version it was given. Throws ``StoreError/Kind/conflict`` when the id is taken.
    func store(
        id: String, owner: String, label: String?, content: String, tags: [String], priority: MemoryPriority,
        at date: Date
    ) async throws -> MemoryRecord
    func get(_ reference: MemoryReference, owner: String) async throws -> MemoryRecord?
    /// The newest versions that match `query`, best first: those with every word before those with some. `query` is
    /// plain words: nothing in it is syntax; without a word in it, the newest come first. Every tag must be present.
    func search(_ query: String, tags: [String], limit: Int, excerpt: Int, owner: String) async throws
        -> [MemoryPreview]
    /// The newest versions, newest first (by date, then id), from behind `after` on.
    func list(_ filter: MemoryFilter, limit: Int, after: MemoryPosition?, excerpt: Int, owner: String) async throws
        -> [MemoryPreview]
    /// What `reference` stands for: one version for an id or a given version, all of a label otherwise.
    func covered(by reference: MemoryReference, excerpt: Int, owner: String) async throws -> MemoryCoverage
    /// Deletes what ``covered(by:excerpt:owner:)`` tells of; the number deleted. Where older versions remain, the
    /// newest of them is found again.
    func forget(_ reference: MemoryReference, owner: String) async throws -> Int
    func statistics(owner: String) async throws -> MemoryStatistics
    /// The last note left for the next conversation, kept apart from memories.
    func handover(owner: String) async throws -> (text: String, left: Date)?
    func leaveHandover(_ text: String, owner: String, at date: Date) async throws
}
