import FoundationEssentials
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

@Suite struct CatalogTests {
    private func policy(pageSize: Int = 1000, declared: Set<ListKind> = []) -> CatalogPolicy {
        var policy = CatalogPolicy(identity: Implementation(name: "test", version: "1"), instructions: "Be brief.")
        policy.pageSize = pageSize
        policy.declared = declared
        return policy
    }

    private func tools(_ names: [String]) -> LocalUpstream {
        LocalUpstream(name: "test", tools: names.map { SwiftTool(Tool(name: $0)) { _, _ in .text("") } })
    }

    private func catalog(_ upstreams: LocalUpstream..., policy: CatalogPolicy) -> Catalog {
        Catalog(upstreams.map { ($0, $0.offer) }, policy: policy)
    }

    private func page(
        _ catalog: Catalog, _ kind: ListKind = .tools, _ version: ProtocolVersion = .v2026_07_28,
        _ cursor: String? = nil
    ) throws -> JSON? {
        try catalog.page(kind, for: version, cursor: cursor).map { try JSON(parsing: $0) }
    }

    private func names(_ page: JSON?) -> [String] {
        page?["tools"]?.elements?.compactMap { $0["name"]?.string } ?? []
    }

    // MARK: Pages

    @Test(arguments: [1, 2, 3, 4, 5, 1000])
    func whoeverFollowsTheCursorsSeesEverythingOnceAndInOrder(size: Int) throws {
        let all = (0..<4).map { "t\($0)" }
        let catalog = catalog(tools(all), policy: policy(pageSize: size))
        for version in ProtocolVersion.allCases {
            var seen: [String] = []
            var pages = 0
            var cursor: String?
            repeat {
                let page = try #require(try page(catalog, .tools, version, cursor))
                #expect(names(page).count <= size)
                seen += names(page)
                pages += 1
                cursor = page["nextCursor"]?.string
            } while cursor != nil && pages < 9
            #expect(seen == all)
            #expect(pages == (4 + size - 1) / size)
        }
    }

    @Test func anEmptyListIsOnePageWithoutACursor() throws {
        let catalog = catalog(tools([]), policy: policy(pageSize: 2))
        for kind in ListKind.allCases {
            let page = try #require(try page(catalog, kind))
            #expect(page[kind.member]?.elements?.isEmpty == true && page["nextCursor"] == nil)
        }
    }

    @Test func aCursorThatWasNotGivenOutLeadsNowhere() throws {
        let catalog = catalog(tools(["a", "b", "c"]), policy: policy(pageSize: 1))
        func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
        let cursors = [
            "", "1", "next", "====", "%%%", encoded("page:"), encoded("page:0"), encoded("page:-1"), encoded("page:3"),
            encoded("page:99999999999999999999"), encoded("page:1x"), encoded("page:1 "), encoded("page:+1"),
            encoded("page:01"), encoded("PAGE:1"), encoded("1"), String(repeating: "A", count: 100_000),
        ]
        for cursor in cursors { #expect(try page(catalog, cursor: cursor) == nil, "\(cursor.prefix(40))") }
        #expect(try names(page(catalog, cursor: encoded("page:2"))) == ["c"])
    }

    private func page(_ catalog: Catalog, cursor: String) throws -> JSON? {
        try page(catalog, .tools, .v2026_07_28, cursor)
    }

    @Test func aPageSizeOfNothingStillShowsSomething() throws {
        let catalog = catalog(tools(["a", "b"]), policy: policy(pageSize: 0))
        #expect(try names(page(catalog)) == ["a"])
    }

    @Test func aListIsTheSameBytesEveryTimeAndForEqualOffers() throws {
        func make() -> Catalog { catalog(tools(["b", "a", "c"]), policy: policy(pageSize: 2)) }
        let (one, other) = (make(), make())
        for version in ProtocolVersion.allCases {
            #expect(one.page(.tools, for: version, cursor: nil) == other.page(.tools, for: version, cursor: nil))
            #expect(one.opening(for: version) == other.opening(for: version))
        }
        #expect(try names(page(one)) == ["b", "a"])
    }

    // MARK: Shapes

    @Test func aListHasTheShapeOfItsVersion() throws {
        let tool = Tool(
            name: "t", title: "T", inputSchema: ["type": "object"], outputSchema: ["type": "string"],
            annotations: .init(readOnlyHint: true))
        var policy = policy()
        policy.lists[.tools] = CacheHint(ttl: .seconds(5), scope: .private)
        let catalog = catalog(LocalUpstream(name: "x", tools: [SwiftTool(tool) { _, _ in .text("") }]), policy: policy)
        let newest = try #require(try page(catalog, .tools, .v2026_07_28))
        #expect(newest["resultType"]?.string == "complete")
        #expect(newest["ttlMs"]?.integer == 5_000 && newest["cacheScope"]?.string == "private")
        #expect(newest["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"]?.string == "test")
        #expect(newest["tools"]?.elements?[0]["outputSchema"] != nil)
        for version in ProtocolVersion.handshakeVersions {
            let page = try #require(try page(catalog, .tools, version))
            #expect(page.members?.map(\.name) == ["tools"])
            #expect(page["tools"]?.elements?[0]["outputSchema"] == nil, "its root is no object")
        }
        #expect(try page(catalog, .tools, .v2024_11_05)?["tools"]?.elements?[0]["annotations"] == nil)
        #expect(try page(catalog, .tools, .v2025_03_26)?["tools"]?.elements?[0]["annotations"] != nil)
        #expect(try page(catalog, .tools, .v2025_03_26)?["tools"]?.elements?[0]["title"] == nil)
        #expect(try page(catalog, .tools, .v2025_06_18)?["tools"]?.elements?[0]["title"]?.string == "T")
    }

    @Test func anOpeningHasTheShapeOfItsEra() throws {
        let catalog = catalog(tools(["a"]), policy: policy())
        let discover = try JSON(parsing: catalog.opening(for: .v2026_07_28))
        #expect(discover["supportedVersions"]?.elements?.map(\.string) == ["2026-07-28"])
        #expect(discover["protocolVersion"] == nil && discover["serverInfo"] == nil)
        #expect(discover["ttlMs"]?.integer == 60_000 && discover["instructions"]?.string == "Be brief.")
        for version in ProtocolVersion.handshakeVersions {
            let initialize = try JSON(parsing: catalog.opening(for: version))
            #expect(initialize["protocolVersion"]?.string == version.rawValue)
            #expect(initialize["serverInfo"]?["name"]?.string == "test")
            #expect(initialize["supportedVersions"] == nil && initialize["resultType"] == nil)
            #expect(initialize["ttlMs"] == nil && initialize["instructions"]?.string == "Be brief.")
        }
    }

    // MARK: Capabilities

    private func capabilities(_ catalog: Catalog, _ version: ProtocolVersion = .v2026_07_28) throws -> [String] {
        let opening = try JSON(parsing: catalog.opening(for: version))
        return (opening["capabilities"]?.members ?? []).map(\.name).sorted()
    }

    @Test func capabilitiesFollowWhatIsOnOffer() throws {
        let upstream = tools(["a"])
        func now() throws -> [String] { try capabilities(catalog(upstream, policy: policy())) }
        #expect(try now() == ["logging", "tools"])
        upstream.register(SwiftPrompt(Prompt(name: "p")) { _, _ in PromptResult([]) })
        #expect(try now() == ["logging", "prompts", "tools"])
        upstream.register(.text(Resource(uri: "r://1", name: "r")) { "" })
        #expect(try now() == ["logging", "prompts", "resources", "tools"])
        upstream.removeResource("r://1")
        #expect(try now() == ["logging", "prompts", "tools"])
        upstream.register(
            try SwiftResourceTemplate(
                ResourceTemplate(uriTemplate: "r://{x}", name: "r"), completion: .values(["x": ["1"]])
            ) { _, _, _ in ResourceResult([]) })
        #expect(try now() == ["completions", "logging", "prompts", "resources", "tools"])
        upstream.register(SwiftTool(Tool(name: "slow"), tasks: .optional) { _, _ in .text("") })
        #expect(try now() == ["completions", "extensions", "logging", "prompts", "resources", "tools"])
        #expect(try !capabilities(catalog(upstream, policy: policy()), .v2025_11_25).contains("extensions"))
        #expect(try !capabilities(catalog(upstream, policy: policy()), .v2024_11_05).contains("completions"))
    }

    @Test func whatIsDeclaredIsOfferedBeforeThereIsAny() throws {
        var policy = policy(declared: [.prompts, .templates])
        policy.declaresCompletions = true
        let names = try capabilities(catalog(tools([]), policy: policy))
        #expect(names == ["completions", "logging", "prompts", "resources", "tools"])
    }

    // MARK: Several providers

    @Test func ofTwoThingsWithOneNameTheFirstProvidersStays() throws {
        func provider(_ name: String) throws -> LocalUpstream {
            let upstream = LocalUpstream(
                name: name, tools: [SwiftTool(Tool(name: "t", description: name)) { _, _ in .text("") }])
            upstream.register(SwiftPrompt(Prompt(name: "p", description: name)) { _, _ in PromptResult([]) })
            upstream.register(.text(Resource(uri: "r://1", name: name)) { "" })
            upstream.register(
                try SwiftResourceTemplate(ResourceTemplate(uriTemplate: "r://{x}", name: name)) { _, _, _ in
                    ResourceResult([])
                })
            return upstream
        }
        let catalog = catalog(try provider("first"), try provider("second"), policy: policy())
        #expect(try page(catalog)?["tools"]?.elements?.map { $0["description"]?.string } == ["first"])
        #expect(try page(catalog, .prompts)?["prompts"]?.elements?.map { $0["description"]?.string } == ["first"])
        #expect(try page(catalog, .resources)?["resources"]?.elements?.map { $0["name"]?.string } == ["first"])
        #expect(
            try page(catalog, .templates)?["resourceTemplates"]?.elements?.map { $0["name"]?.string } == ["first"])
        #expect(catalog.tool("t")?.upstream.name == "first")
        #expect(catalog.owner(ofPrompt: "p")?.name == "first")
        #expect(catalog.owner(ofResource: "r://1")?.name == "first")
        #expect(catalog.owner(ofResource: "r://2")?.name == "first")
        #expect(catalog.owner(of: .resource(uriTemplate: "r://{x}"))?.name == "first")
        #expect(catalog.owner(of: .resource(uriTemplate: "r://1"))?.name == "first")
        #expect(catalog.owner(ofResource: "s://1") == nil && catalog.owner(of: .prompt(name: "q")) == nil)
    }

    // MARK: Changes

    @Test func onlyTheListsThatAreDifferentHaveChanged() throws {
        let upstream = tools(["a"])
        var before = catalog(upstream, policy: policy())
        func changes() -> Set<ListKind> {
            let after = catalog(upstream, policy: policy())
            defer { before = after }
            return before.changes(to: after)
        }
        #expect(changes() == [])
        upstream.register(SwiftTool(Tool(name: "a", description: "other words")) { _, _ in .text("") })
        #expect(changes() == [.tools])
        upstream.register(SwiftTool(Tool(name: "a", description: "other words")) { _, _ in .text("other work") })
        #expect(changes() == [])
        upstream.register(SwiftPrompt(Prompt(name: "p")) { _, _ in PromptResult([]) })
        #expect(changes() == [.prompts])
        upstream.register(.text(Resource(uri: "r://1", name: "r")) { "" })
        #expect(changes() == [.resources])
        upstream.register(
            try SwiftResourceTemplate(ResourceTemplate(uriTemplate: "r://{x}", name: "r")) { _, _, _ in
                ResourceResult([])
            })
        #expect(changes() == [.templates])
        upstream.removeTool("a")
        upstream.removePrompt("p")
        upstream.removePrompt("p")
        #expect(changes() == [.tools, .prompts])
    }
}
