import Logging
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPEngine

@Suite(.timeLimit(.minutes(1))) struct NamedUpstreamTests {
    /// Answers with the work that it gets.
    private final class Mirror: Upstream {
        let name = "mirror"
        let works = Mutex<[Work]>([])
        let offered: Offer
        let observers = Mutex(0)

        init(_ offered: Offer = Offer()) { self.offered = offered }

        var offer: Offer { offered }
        func observe(_ observer: UpstreamObserver) { observers.withLock { $0 += 1 } }

        func prepare(_ work: Work, on exchange: any ExchangePort) async throws -> Work {
            works.withLock { $0.append(work) }
            return Work(work.subject, params: ["name": work.params["name"] ?? nil, "arguments": ["prepared": 1]])
        }

        func answer(_ work: Work, on exchange: any ExchangePort) async throws -> [UInt8] {
            works.withLock { $0.append(work) }
            return Array("{}".utf8)
        }
    }

    private let quiet = LogRecorder()

    private func named(_ mirror: Mirror, _ prefix: String?, _ filter: UpstreamFilter = UpstreamFilter())
        -> NamedUpstream
    {
        NamedUpstream(mirror, prefix: prefix, filter: filter, logger: quiet.logger)
    }

    private var exchange: Exchange {
        let client = Client(
            principal: .anonymous, capabilities: ClientCapabilities([:]),
            envelope: ResultEnvelope(
                version: .latestHandshake, serverInfo: Implementation(name: "test", version: "1")),
            logLevel: { nil })
        return Exchange(
            key: ExchangeKey(1), request: Request(id: .number(1), method: "tools/call"), client: client,
            log: EventLog(owed: 1, limits: EventLog.Limits()))
    }

    private func offer(tools: [String] = [], prompts: [String] = []) -> Offer {
        var offer = Offer()
        offer.tools = tools.map { Offer.OfferedTool(Tool(name: $0, description: "d"), tasks: .optional) }
        offer.prompts = prompts.map { Prompt(name: $0) }
        offer.resources = [Resource(uri: "r://x", name: "x")]
        offer.completes = true
        return offer
    }

    @Test func toolsAndPromptsCarryThePrefixAndNothingElseChanges() {
        let plain = offer(tools: ["get", "put"], prompts: ["hello"])
        let shown = named(Mirror(plain), "files").offer
        #expect(shown.tools.map(\.tool.name) == ["files_get", "files_put"])
        #expect(shown.tools.allSatisfy { $0.tasks == .optional && $0.tool.description == "d" })
        #expect(shown.prompts.map(\.name) == ["files_hello"])
        #expect(shown.resources == plain.resources && shown.completes)
        let same = named(Mirror(plain), nil).offer
        #expect(same.tools == plain.tools && same.prompts == plain.prompts)
    }

    @Test func aNameThatIsTooLongIsHiddenAloneAndReportedOnce() {
        let long = String(repeating: "x", count: 60)
        let upstream = named(Mirror(offer(tools: ["a", long, "b"], prompts: [long])), "files")
        for _ in 0..<2 {
            #expect(upstream.offer.tools.map(\.tool.name) == ["files_a", "files_b"])
            #expect(upstream.offer.prompts.isEmpty)
        }
        let warnings = quiet.entries(of: "upstream.name_too_long")
        #expect(warnings.count == 2 && warnings.allSatisfy { $0["name"] == long && $0["upstream"] == "mirror" })
    }

    @Test func whatIsFilteredOutIsNeitherListedNorCalled() async throws {
        let mirror = Mirror(offer(tools: ["get", "delete_all"], prompts: ["delete_it"]))
        let upstream = named(mirror, "files", UpstreamFilter(deny: ["delete_*"]))
        #expect(upstream.offer.tools.map(\.tool.name) == ["files_get"])
        #expect(upstream.offer.prompts.count == 1)
        await #expect(throws: RPCError.self) {
            try await upstream.answer(Work(.tool("files_delete_all"), params: [:]), on: exchange)
        }
        #expect(mirror.works.withLock { $0.isEmpty })
    }

    @Test func workArrivesUnderItsOwnNameWithTheRestOfItsBytes() async throws {
        let mirror = Mirror()
        let upstream = named(mirror, "files")
        func sent(_ subject: Work.Subject, _ params: String) async throws -> Work? {
            _ = try await upstream.answer(Work(subject, params: try JSON(parsing: Array(params.utf8))), on: exchange)
            return mirror.works.withLock { $0.last }
        }
        let tool = try await sent(
            .tool("files_get"), #"{"_meta":{"x":1.50},"name":"files_get","arguments":{"b":1e2,"a":"\u0061", "n" : -0}}"#
        )
        #expect(tool?.subject == .tool("get"))
        #expect(
            tool?.params.description
                == #"{"_meta":{"x":1.50},"name":"get","arguments":{"b":1e2,"a":"\u0061", "n" : -0}}"#)
        let prompt = try await sent(.prompt("files_hi"), #"{"name":"files_hi"}"#)
        #expect(prompt?.subject == .prompt("hi") && prompt?.params.description == #"{"name":"hi"}"#)
        let resource = try await sent(.resource("files_x://y"), #"{"uri":"files_x://y"}"#)
        #expect(resource?.subject == .resource("files_x://y"))
    }

    @Test func completionsOfPromptsAreRenamedAndThoseOfTemplatesAreNot() async throws {
        let mirror = Mirror()
        let upstream = named(mirror, "files")
        func sent(_ params: JSON) async throws -> Work? {
            _ = try await upstream.answer(
                Work(.completion(try CompletionRequest(params)), params: params), on: exchange)
            return mirror.works.withLock { $0.last }
        }
        let prompt = try await sent([
            "ref": ["type": "ref/prompt", "name": "files_hi", "title": "t"], "argument": ["name": "a", "value": "v"],
        ])
        guard case .completion(let request) = prompt?.subject else { throw CancellationError() }
        #expect(request.reference == .prompt(name: "hi") && request.argument == "a")
        #expect(
            prompt?.params.description
                == #"{"ref":{"type":"ref/prompt","name":"hi","title":"t"},"argument":{"name":"a","value":"v"}}"#)
        let template: JSON = [
            "ref": ["type": "ref/resource", "uri": "files_x://{y}"], "argument": ["name": "y", "value": "v"],
        ]
        #expect(try await sent(template)?.params == template)
    }

    @Test func preparedWorkComesBackUnderTheNameItCameWith() async throws {
        let mirror = Mirror()
        let upstream = named(mirror, "files")
        let prepared = try await upstream.prepare(
            Work(.tool("files_get"), params: ["name": "files_get", "arguments": [:] as JSON]), on: exchange)
        #expect(prepared.subject == .tool("files_get"))
        #expect(prepared.params.description == #"{"name":"files_get","arguments":{"prepared":1}}"#)
        _ = try await upstream.answer(prepared, on: exchange)
        #expect(mirror.works.withLock { $0.map(\.subject) } == [.tool("get"), .tool("get")])
    }

    @Test func aStrangersNameIsUnknown() async throws {
        let upstream = named(Mirror(), "files")
        let works: [Work.Subject] = [.tool("other_get"), .prompt("hi")]
        for subject in works {
            let error = await #expect(throws: RPCError.self) {
                try await upstream.answer(Work(subject, params: [:]), on: exchange)
            }
            #expect(error?.code == RPCError.invalidParams("").code)
        }
    }

    @Test func severalUpstreamsStandBesideEachOtherBehindOneGateway() async throws {
        func local(_ name: String) -> NamedUpstream {
            let tools = ["get", "put"].map { tool in
                SwiftTool(Tool(name: tool, description: "d")) { _, _ in .text("\(tool) of \(name)") }
            }
            return NamedUpstream(LocalUpstream(name: name, tools: tools), prefix: name, logger: quiet.logger)
        }
        let offers = [local("a"), local("b")].map { ($0 as any Upstream, $0.offer) }
        let catalog = Catalog(offers, policy: CatalogPolicy(identity: Implementation(name: "t", version: "1")))
        #expect(catalog.toolCount == 4)
        for name in ["a_get", "a_put", "b_get", "b_put"] {
            let owner = try #require(catalog.tool(name)?.upstream)
            let bytes = try await owner.answer(Work(.tool(name), params: ["name": JSON(name)]), on: exchange)
            #expect(String(decoding: bytes, as: UTF8.self).contains("\(name.dropFirst(2)) of \(name.prefix(1))"))
        }
    }
}
