import MCPProtocol
import MCPTesting
import NIOHTTP1
import Testing

@testable import MCPProbe

@Suite struct JudgeTests {
    private static func evidence(_ url: String = "https://mcp.example.com/mcp") throws -> Evidence {
        var evidence = Evidence(target: try #require(ProbeTarget(url)))
        evidence.address = AddressBook(entries: [entry("192.0.2.1")])
        return evidence
    }

    private static func entry(_ address: String, trouble: String? = nil) -> AddressBook.Entry {
        AddressBook.Entry(address: address, isIPv6: address.contains(":"), trouble: trouble, took: .zero)
    }

    private static func found(_ evidence: Evidence, as client: ProbedClient? = nil) -> [String: Weight] {
        let findings = Judge.findings(evidence, checks: CheckList.all, demands: Demands(client)).findings
        return Dictionary(uniqueKeysWithValues: findings.map { ($0.check.id, $0.weight) })
    }

    private static func answer(_ result: JSON?, status: Int = 200, after time: Duration = .milliseconds(5)) -> Answer {
        var reply = HTTPReply(sent: .zero)
        reply.status = status
        (reply.headAt, reply.ended, reply.end) = (time, time, .complete)
        return Answer(outcome: result.map { .result($0) } ?? .refused(status, nil), reply: reply)
    }

    private static let opened: JSON = [
        "protocolVersion": "2025-11-25", "capabilities": ["tools": [:]], "serverInfo": ["name": "s", "version": "1"],
    ]

    private static func opening(after time: Duration = .milliseconds(5)) -> OpeningEvidence {
        OpeningEvidence(first: Opening(asked: "2025-11-25", answer: answer(opened, after: time)))
    }

    @Test func nothingIsFoundWhereNothingIsWrong() throws {
        var evidence = try Self.evidence()
        evidence.opening = Self.opening()
        #expect(Self.found(evidence).isEmpty)
    }

    @Test func anIPv6AddressThatTakesNoConnectionsIsATrap() throws {
        var evidence = try Self.evidence()
        evidence.address = AddressBook(entries: [
            Self.entry("192.0.2.1"), Self.entry("2001:db8::1", trouble: "Connection refused"),
        ])
        #expect(Self.found(evidence) == ["reach.ipv6": .warning])
        evidence = try Self.evidence("http://localhost:8080/mcp")
        evidence.address = AddressBook(entries: [Self.entry("127.0.0.1"), Self.entry("::1", trouble: "refused")])
        #expect(Self.found(evidence) == ["reach.ipv6": .note, "reach.private": .note])
    }

    @Test func hostedClientsNeedIPv4AndPort443() throws {
        var evidence = try Self.evidence()
        evidence.address = AddressBook(entries: [Self.entry("2001:db8::1")])
        #expect(Self.found(evidence) == ["reach.ipv4": .error])
        #expect(Self.found(evidence, as: .cursor) == ["reach.ipv4": .warning])
        #expect(Self.found(try Self.evidence("https://mcp.example.com:8443/mcp")) == ["reach.port": .error])
        #expect(Self.found(try Self.evidence("http://mcp.example.com/mcp")) == ["reach.port": .error])
    }

    @Test(
        .requirement("PR-01"),
        arguments: [
            (ProbedClient.claude, 3, nil), (.claude, 6, Weight.warning), (.claude, 11, .error), (.claudeCode, 11, nil),
            (.claudeCode, 31, .error), (.cursor, 31, nil),
        ])
    func timeIsHeldAgainstTheBudgetOfTheClient(client: ProbedClient, seconds: Int, weight: Weight?) throws {
        var evidence = try Self.evidence()
        evidence.opening = Self.opening(after: .seconds(seconds))
        #expect(Self.found(evidence, as: client)["time.initialize"] == weight)
    }

    @Test func aCauseHidesItsSymptoms() throws {
        var evidence = try Self.evidence()
        var opening = Self.opening()
        opening.first.answer = Self.answer(nil, status: 502)
        evidence.opening = opening
        #expect(Self.found(evidence) == ["reach.failing": .error])
    }

    @Test func aCauseBehindACauseHidesToo() throws {
        // time.list is explained by time.initialize, and tools.unanswered by time.list.
        var evidence = try Self.evidence()
        evidence.opening = Self.opening(after: .seconds(11))
        var tools = ToolEvidence()
        var late = Self.answer(nil)
        late.outcome = .nothing(.late)
        late.reply.headAt = nil
        late.reply.ended = .seconds(11)
        tools.pages = [late]
        evidence.tools = tools
        #expect(Self.found(evidence) == ["time.initialize": .error])
    }

    @Test(.requirement("PR-01")) func theVerdictIsOneSentence() throws {
        var evidence = try Self.evidence()
        evidence.opening = Self.opening()
        func verdict(as client: ProbedClient? = nil) -> String {
            let (findings, states) = Judge.findings(evidence, checks: CheckList.all, demands: Demands(client))
            return ProbeReport(
                url: "u", client: client, began: "", took: .zero, evidence: evidence, findings: findings, states: states
            ).verdict
        }
        #expect(verdict() == "Nothing was found that keeps tools from appearing in any client known to the probe")
        var tools = ToolEvidence()
        tools.pages = [Self.answer(["tools": []])]
        evidence.tools = tools
        #expect(verdict(as: .claude) == "Tools will not appear in Claude.ai: the list of tools is empty")
        #expect(verdict() == "Tools will not appear in any client: the list of tools is empty")
    }

    @Test(arguments: [
        // Milliseconds from the beginning of the stream; its session ends after 1000.
        ([0, 200, 400, 1000], 0), ([0, 1001, 1001], 2), ([1001, 1001, 1001], 3), ([0, 1001], 0), ([0], 0), ([], 0),
    ])
    func whatIsHeldBackComesWithTheEnd(arrivals: [Int], count: Int) {
        var stream = HTTPReply(sent: .zero)
        (stream.headAt, stream.arrivals) = (.zero, arrivals.map { .milliseconds($0) })
        #expect(IdleEvidence(stream: stream, sessionEnded: .milliseconds(1000)).heldBack == count)
        #expect(IdleEvidence(stream: stream, sessionEnded: nil).heldBack == 0)
    }

    @Test(arguments: [(65, 0, Weight.warning), (65, 4, nil), (5, 0, nil)])
    func aStreamIsSilentWhenNothingComesForAMinute(seconds: Int, comments: Int, weight: Weight?) throws {
        var evidence = try Self.evidence()
        var stream = HTTPReply(sent: .zero)
        (stream.status, stream.headAt, stream.comments) = (200, .zero, comments)
        stream.headers.add(name: "Content-Type", value: "text/event-stream")
        evidence.idle = IdleEvidence(stream: stream, sessionEnded: .seconds(seconds))
        #expect(Self.found(evidence)["stream.idle"] == weight)
        stream.ended = .seconds(seconds)
        evidence.idle = IdleEvidence(stream: stream, sessionEnded: nil)
        #expect(Self.found(evidence)["stream.idle"] == .warning, "it was cut")
    }

    @Test func aResultThatIsTooLargeForOneIsNotForAnother() throws {
        var evidence = try Self.evidence()
        let text = String(repeating: "x", count: 120_000)
        evidence.results = [ResultEvidence(tool: "big", answer: Self.answer(["content": [["text": JSON(text)]]]))]
        #expect(Self.found(evidence, as: .claude)["result.size"] == nil)
        #expect(Self.found(evidence, as: .claudeCode)["result.size"] == .warning)
    }
}
