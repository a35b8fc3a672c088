/// A piece of a longer text. Its measure is the character as models and clients count it: the Unicode scalar.
package struct Excerpt: Equatable, Sendable {
    package var text: String
    /// Characters before it.
    package var start: Int

    package init(text: String, start: Int) {
        self.text = text
        self.start = start
    }

    /// How far into a text a matching word is looked for, in UTF-8 bytes.
    package static let reach = 64 << 10

    /// The first `length` characters.
    package init(beginningOf content: String, length: Int) {
        self.init(text: String(content.unicodeScalars.prefix(max(0, length))), start: 0)
    }

    /// `length` characters with the first match in their first quarter; the beginning when nothing matches.
    package init(of content: String, around query: SearchQuery, length: Int) {
        guard let match = query.firstMatch(in: content, reach: Self.reach) else {
            self.init(beginningOf: content, length: length)
            return
        }
        let scalars = content.unicodeScalars
        let lead = scalars.distance(from: scalars.startIndex, to: match)
        let total = lead + scalars[match...].prefix(max(0, length)).count
        // At the end of the text the piece reaches back as far as it may, rather than be short.
        let start = max(0, min(lead - length / 4, total - length))
        let from = scalars.index(scalars.startIndex, offsetBy: start)
        self.init(text: String(scalars[from...].prefix(max(0, length))), start: start)
    }
}
