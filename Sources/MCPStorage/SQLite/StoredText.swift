import FoundationEssentials

/// Free text is kept as bytes: SQLite's own text ends at a NUL character, and two different owners must never meet
/// there.
extension Data {
    init(text: String) { self.init(text.utf8) }
    var text: String { String(decoding: self, as: UTF8.self) }
}
