/// What is wrong with the form of an answer that can be read all the same. Some clients read it, others do not.
enum Defect: Sendable, Hashable, CaseIterable {
    case contentType
    /// An answer with the id in another JSON type or spelling.
    case changedID
    /// `"error": null` beside a result, or the other way round.
    case nullMember
    case missingVersion
    case secondAnswer
    case eventName
    case unfinishedEvent
    case unreadableEvent
    case leftOpen
    case notIntegerCode
    /// An event with data that is empty, to a client older than 2025-11-25.
    case emptyEvent
}

/// A defect, where it was seen, and what it looked like.
struct SeenDefect: Sendable {
    var defect: Defect
    var method: String
    var words: String
}
