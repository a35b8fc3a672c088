import Foundation
import MCPTesting
import Testing

/// What a fuzzer found once, and what it begins with, is played in every test run.
@Suite(.timeLimit(.minutes(2))) struct CorpusTests {
    @Test(.requirement("I-06")) func everyInputOfTheCorpusIsReadOrRefusedAndNothingElse() throws {
        let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/Corpus")
        let played = try Product.run("fuzz", [corpus.standardized.path])
        #expect(played.status == 0, "\(played.text)")
        #expect(played.text.contains("7 targets: nothing found"))
    }
}
