import Foundation
import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPUpstreams

/// Conversations with real children.
@Suite(.timeLimit(.minutes(2))) struct StdioLinkTests {
    @Test func aCallIsAnswered() async throws {
        try await ChildTalk.with { talk in
            try await talk.expect("hello", "echo", ["text": "hello"])
        }
    }

    @Test func callsThatComeTogetherAreAnsweredEachWithItsOwnAndOutOfOrder() async throws {
        try await ChildTalk.with { talk in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = await talk.failure("forget") }
                for number in 0..<200 {
                    group.addTask {
                        let text = "number \(number)"
                        let isSlow = number % 10 == 0
                        let answer =
                            try await isSlow
                            ? talk.text("sleep", ["milliseconds": 20, "text": JSON(text)])
                            : talk.text("echo", ["text": JSON(text)])
                        #expect(answer == text)
                    }
                }
                for _ in 0..<200 { try await group.next() }
                await talk.link.close()
            }
        }
    }

    @Test func whatItSaysBeforeAnAnswerIsHeardBeforeIt() async throws {
        try await ChildTalk.with { talk in
            let params: JSON = [
                "name": "progress", "arguments": ["steps": 50], "_meta": ["progressToken": "token"],
            ]
            _ = try await talk.send(talk.request("tools/call", params)).get()
            let heard = talk.heard
            #expect(heard.count == 51)
            #expect(talk.messages.count == 50)
            guard case .answer = heard.last else { return #expect(Bool(false), "The answer must come last") }
        }
    }

    @Test func itsQuestionsAreHeardAndTheirAnswersReachIt() async throws {
        try await ChildTalk.with { talk in
            async let answer = talk.text("ask", ["method": "roots/list"])
            await talk.until { !$0.isEmpty }
            guard case .request(let question) = talk.messages.first else {
                return #expect(Bool(false), "It must have asked")
            }
            #expect(question.method == "roots/list")
            let roots = Wire.result(["roots": []], id: question.id)
            try await talk.link.send(oneWay: roots, as: .v2025_11_25)
            let returned = try await answer
            #expect(returned == #"{"roots":[]}"#)
        }
    }

    @Test func anAnswerAfterTheRequestWasAbandonedIsLetGo() async throws {
        try await ChildTalk.with { talk in
            let request = talk.request(
                "tools/call", ["name": "sleep", "arguments": ["milliseconds": 10, "text": "late"]])
            talk.link.send(request) { _ in Issue.record("It was abandoned") }
            talk.link.abandon(request.id)
            // This sleeps longer in the same child, so the other has been answered before.
            try await talk.expect("later", "sleep", ["milliseconds": 60, "text": "later"])
        }
    }

    @Test func twoRequestsCannotHaveOneID() async throws {
        try await ChildTalk.with { talk in
            let request = talk.request("tools/call", ["name": "forget"])
            async let first = talk.send(request)
            await talk.untilItOwes(1)
            guard case .failure(let failure) = await talk.send(request) else {
                return #expect(Bool(false), "The second must fail")
            }
            #expect(failure.kind == .malformed && !failure.mayHaveBegun)
            await talk.link.close()
            _ = await first
        }
    }

    // MARK: What else comes on its output

    @Test(arguments: [
        ["--banner"], ["--invalid-utf8"], ["--garbage"], ["--batch"], ["--twice"], ["--unknown-answers"],
        ["--huge-line=300000"], ["--banner", "--garbage", "--invalid-utf8", "--twice", "--unknown-answers"],
    ])
    func whateverElseItWritesCallsAreAnswered(flags: [String]) async throws {
        try await ChildTalk.configured { $0.arguments = flags }.with { talk in
            for number in 0..<20 {
                try await talk.expect("\(number)", "echo", ["text": JSON("\(number)")])
            }
            let isGood = flags == ["--batch"]
            #expect(talk.log.text.contains("child") && isGood != talk.log.text.contains("error"))
            // However often it does so, the log has only a few lines of it.
            #expect(talk.log.text.components(separatedBy: "error").count < 12)
        }
    }

    @Test func aLineAsLongAsMayBeIsReadAndALongerOneFailsItsRequestAlone() async throws {
        try await ChildTalk.configured { $0.longestLine = 1 << 20 }.with { talk in
            let overhead = Wire.result(["content": [["type": "text", "text": ""]]], id: .number(1)).count
            let fitting = (1 << 20) - overhead
            let fits = try await talk.text("big", ["bytes": JSON(fitting)])
            #expect(fits.utf8.count == fitting)
            async let other = talk.text("sleep", ["milliseconds": 50, "text": "unharmed"])
            let failure = await talk.failure("big", ["bytes": JSON(fitting + 1)])
            #expect(failure?.kind == .tooLarge)
            let text = try await other
            #expect(text == "unharmed")
            try await talk.expect("on", "echo", ["text": "on"])
        }
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":$ID,"result":{"text":"\ud83d"}}"#,
        #"{"result":{"a":{"id":7},"a":1},"jsonrpc":"2.0","id":$ID}"#,
        #"{"jsonrpc":"2.0","id":$ID,"result":{},"error":{}}"#,
        #"{"jsonrpc":"1.0","id":$ID,"result":{}}"#,
        #"{"jsonrpc":"2.0","id":$ID}"#,
    ])
    func anAnswerThatCannotBeReadFailsItsRequest(line: String) async throws {
        try await ChildTalk.with { talk in
            let failure = await talk.failure("raw", ["line": JSON(line)])
            #expect(failure?.kind == .malformed && failure?.mayHaveBegun == true)
            try await talk.expect("on", "echo", ["text": "on"])
        }
    }

    // MARK: Its standard error

    @Test func aFloodOnItsStandardErrorStopsNothing() async throws {
        try await ChildTalk.with("--fill-stderr=500000") { talk in
            try await talk.expect("written", "stderr", ["lines": 1000, "bytes": 200])
            let lines = talk.log.entries(of: "child says")
            #expect(lines.count >= 200 && lines.count < 3000)
            #expect(lines.first?["line"] == String(repeating: "e", count: 99))
        }
    }

    @Test func aLineOfStandardErrorWithoutEndIsLoggedInPieces() async throws {
        try await ChildTalk.with { talk in
            _ = try await talk.text("stderr", ["lines": 1, "bytes": 20_000])
            await talk.link.close()
            let lengths = talk.log.entries(of: "child says").map { $0["line"]?.utf8.count }
            #expect(lengths == [8192, 8192, 20_002 - 16_384])
        }
    }

    // MARK: What it does not read

    @Test func aChildThatDoesNotReadMakesRequestsFailAndNotWait() async throws {
        let configure = { (configuration: inout ChildTalk.Configuration) in
            configuration.buffer = 256 << 10
            configuration.inputGrace = .milliseconds(50)
        }
        try await ChildTalk.with("--never-read", configure: configure) { talk in
            let arguments: JSON = [
                "name": "echo", "arguments": ["text": JSON(String(repeating: "x", count: 64 << 10))],
            ]
            let failures = Mutex<[LinkFailure]>([])
            var sent = 0
            while failures.withLock({ $0.isEmpty }) {
                talk.link.send(talk.request("tools/call", arguments)) { event in
                    if case .failed(let failure) = event { failures.withLock { $0.append(failure) } }
                }
                sent += 1
            }
            let refused = try #require(failures.withLock { $0.first })
            #expect(refused.kind == .busy && !refused.mayHaveBegun)
            #expect(refused.message.contains("does not read"))
            #expect(sent < 20)
            await #expect(throws: LinkFailure.self) {
                try await talk.link.send(oneWay: Wire.notification("notifications/initialized"), as: .v2025_11_25)
            }
            await talk.link.close()
            let all = failures.withLock { $0 }
            #expect(all.count == sent)
            #expect(all.dropFirst().allSatisfy { $0.kind == .closed })
        }
    }
}
