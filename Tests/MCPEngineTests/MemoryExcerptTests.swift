import MCPEngine
import Testing

@Suite struct MemoryExcerptTests {
    private let content = String(repeating: "a", count: 50) + " needle " + String(repeating: "b", count: 50)

    @Test(arguments: [(20, 46), (60, 36), (100, 8), (108, 0), (500, 0)])
    func anExcerptHoldsTheMatchAndIsAsLongAsItMay(_ length: Int, _ start: Int) {
        let excerpt = Excerpt(of: content, around: SearchQuery("NEEDLE"), length: length)
        #expect(excerpt.start == start)
        #expect(excerpt.text == String(content.dropFirst(start).prefix(length)))
        #expect(excerpt.text.contains("needle"))
    }

    @Test func withoutAMatchItIsTheBeginning() {
        #expect(Excerpt(of: content, around: SearchQuery("absent"), length: 5) == Excerpt(text: "aaaaa", start: 0))
        #expect(Excerpt(of: content, around: SearchQuery(""), length: 5) == Excerpt(text: "aaaaa", start: 0))
        #expect(Excerpt(of: "", around: SearchQuery("x"), length: 5) == Excerpt(text: "", start: 0))
    }

    @Test func aMatchBeyondItsReachIsNotLookedFor() {
        let far = String(repeating: "a ", count: Excerpt.reach) + "needle"
        #expect(Excerpt(of: far, around: SearchQuery("needle"), length: 5).start == 0)
    }
}

@Suite struct MemorySearchQueryTests {
    private func terms(_ text: String) -> [[String]] { SearchQuery(text).terms.map(\.words) }

    @Test func wordsAreLowerCaseAndDistinct() {
        #expect(terms("Kelp, kelp-Forest! don't 3.5") == [["kelp"], ["forest"], ["don"], ["t"], ["3"], ["5"]])
    }

    @Test func neighboursMakeTermsWhereThereAreNoSpaces() {
        #expect(terms("東京都 a東b 晴") == [["東", "京"], ["京", "都"], ["a"], ["東"], ["b"], ["晴"]])
    }

    @Test func wordsAndTermsHaveBounds() {
        #expect(terms(String(repeating: "x", count: 1000)) == [[String(repeating: "x", count: SearchWords.longest)]])
        #expect(SearchQuery((0..<100).map { "w\($0)" }.joined(separator: " ")).terms.count == SearchQuery.mostTerms)
        #expect(terms("\u{0} \" * 🎉 ()") == [])
    }

    @Test func onlyALongLastWordMayBeABeginning() {
        #expect(SearchQuery("a hold").endsOpen)
        #expect(!SearchQuery("holdfast a").endsOpen)
        #expect(!SearchQuery("hol").endsOpen)
        #expect(!SearchQuery("holdfast 東").endsOpen)
    }
}
