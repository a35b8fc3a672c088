/// What a search asks for: the words of a text that a person or a model wrote. Nothing in that text is syntax.
package struct SearchQuery: Sendable, Equatable {
    /// One word, or two neighbouring characters of a script without spaces; lower-case.
    package struct Term: Hashable, Sendable {
        package var words: [String]

        package init(_ words: String...) {
            self.words = words
        }
    }

    /// Words beyond these are passed over, so that the work has a bound.
    package static let mostTerms = 16

    /// Distinct, in the order of the text.
    package private(set) var terms: [Term] = []
    /// The last term may be the beginning of a word: it is long enough not to begin a great many.
    package private(set) var endsOpen = false

    package init(_ text: String) {
        var seen: Set<Term> = []
        var ideograph: String?
        var lone = false
        func add(_ term: Term) {
            if seen.insert(term).inserted { terms.append(term) }
        }
        // Two ideographs make a term; one makes a term only if it stands alone.
        func closeRun() {
            if lone, let ideograph { add(Term(ideograph)) }
            ideograph = nil
        }
        for word in SearchWords(text) {
            guard terms.count < Self.mostTerms else { break }
            let string = text[word.range].lowercased()
            if !word.followsOn || !word.isIdeograph { closeRun() }
            endsOpen = false
            if word.isIdeograph {
                if let before = ideograph { add(Term(before, string)) }
                lone = ideograph == nil
                ideograph = string
            } else {
                let term = Term(string)
                add(term)
                endsOpen = string.unicodeScalars.count >= 4 && terms.last == term
            }
        }
        closeRun()
    }

    /// How often each term occurs. An open end counts the words that it begins.
    package func counts(in text: String) -> [Int] {
        var counts = Array(repeating: 0, count: terms.count)
        visit(text) { term, _ in
            counts[term] += 1
            return true
        }
        return counts
    }

    /// Where the first term that matches begins, within the first `reach` bytes.
    func firstMatch(in text: String, reach: Int) -> String.Index? {
        var found: String.Index?
        let end = text.utf8.index(text.startIndex, offsetBy: reach, limitedBy: text.endIndex) ?? text.endIndex
        visit(text, until: end) { _, index in
            found = index
            return false
        }
        return found
    }

    private func visit(
        _ text: String, until end: String.Index? = nil, _ body: (_ term: Int, _ at: String.Index) -> Bool
    ) {
        let numbers = Dictionary(uniqueKeysWithValues: terms.enumerated().map { ($1, $0) })
        let open = endsOpen ? terms.last?.words.first : nil
        var before: (word: String, at: String.Index)?
        for word in SearchWords(text) {
            if let end, word.range.lowerBound >= end { return }
            let string = text[word.range].lowercased()
            let at = word.range.lowerBound
            if word.followsOn, word.isIdeograph, let before, let term = numbers[Term(before.word, string)] {
                guard body(term, before.at) else { return }
            }
            if let term = numbers[Term(string)] {
                guard body(term, at) else { return }
            } else if let open, string.hasPrefix(open) {
                guard body(terms.count - 1, at) else { return }
            }
            before = (string, at)
        }
    }
}
