import MCPProtocol
import Testing

@Suite struct ResultEnvelopeTests {
    static let server = Implementation(name: "s", version: "1")
    static let perRequest = ResultEnvelope(version: .v2026_07_28, serverInfo: server)
    static let handshake = ResultEnvelope(version: .v2025_11_25, serverInfo: server)
    static let hint = CacheHint(ttl: .seconds(60), scope: .public)

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func anEmptyResultOfAHandshakeClientIsExactlyEmpty() {
        for version in ProtocolVersion.handshakeVersions {
            #expect(text(ResultEnvelope(version: version, serverInfo: Self.server).empty) == "{}")
        }
        #expect(
            text(Self.perRequest.empty)
                == #"{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}}"#
        )
        #expect(
            text(ResultEnvelope(version: .v2026_07_28, serverInfo: nil).empty) == #"{"resultType":"complete"}"#)
    }

    @Test func aResultsOwnMetaIsJoinedWithOurs() {
        let meta: JSON = ["a": 1, "io.modelcontextprotocol/serverInfo": ["name": "other"]]
        #expect(
            text(Self.perRequest.result(meta: meta))
                == #"{"resultType":"complete","_meta":{"a":1,"io.modelcontextprotocol/serverInfo":{"name":"s","version":"1"}}}"#
        )
        #expect(text(Self.handshake.result(meta: ["a": 1])) == #"{"_meta":{"a":1}}"#)
    }

    @Test func onlyPerRequestClientsAreToldHowLongToKeepAList() {
        let tools = [Tool(name: "t").json(for: .v2025_11_25)]
        #expect(
            text(Self.handshake.list("tools", tools, nextCursor: "c", cache: Self.hint))
                == #"{"tools":[{"name":"t","inputSchema":{"type":"object"}}],"nextCursor":"c"}"#)
        #expect(
            text(Self.perRequest.list("prompts", [], cache: Self.hint)).hasPrefix(
                #"{"resultType":"complete","prompts":[],"ttlMs":60000,"cacheScope":"public","_meta":"#))
    }

    @Test func aResourcesOwnHintGoesBeforeTheGeneralOne() throws {
        let contents = ResourceContents(uri: "a:", text: "x")
        let own = Self.perRequest.resource(
            ResourceResult([contents], cache: CacheHint(ttl: .milliseconds(5), scope: .private)), cache: Self.hint)
        #expect(CacheHint(in: try JSON(parsing: own)) == CacheHint(ttl: .milliseconds(5), scope: .private))
        let general = Self.perRequest.resource(ResourceResult([contents]), cache: Self.hint)
        #expect(CacheHint(in: try JSON(parsing: general)) == Self.hint)
        #expect(
            text(Self.handshake.resource(ResourceResult([contents]), cache: Self.hint))
                == #"{"contents":[{"uri":"a:","text":"x"}]}"#)
    }

    @Test func promptsAndCompletionsAreWrittenForBothEras() {
        let prompt = PromptResult([.user("Hi"), .assistant("Ho")], description: "D", meta: ["k": 1])
        #expect(
            text(Self.handshake.prompt(prompt))
                == #"{"description":"D","messages":[{"role":"user","content":{"type":"text","text":"Hi"}},"#
                + #"{"role":"assistant","content":{"type":"text","text":"Ho"}}],"_meta":{"k":1}}"#)
        #expect(text(Self.perRequest.prompt(prompt)).hasPrefix(#"{"resultType":"complete","description":"D""#))
        #expect(text(Self.handshake.completion(Completion(["a"]))) == #"{"completion":{"values":["a"]}}"#)
    }

    @Test func aResultThatNeedsInputSaysWhat() {
        let bare = ResultEnvelope(version: .v2026_07_28, serverInfo: nil)
        #expect(
            text(bare.inputRequired([(key: "roots", request: InputRequest.roots.json(for: .v2026_07_28))], state: "s"))
                == #"{"resultType":"input_required","inputRequests":{"roots":{"method":"roots/list","params":{}}},"requestState":"s"}"#
        )
        #expect(text(bare.inputRequired([], state: "s")) == #"{"resultType":"input_required","requestState":"s"}"#)
    }

    @Test func hintsAreWholeMillisecondsAndNeverNegative() {
        #expect(CacheHint(ttl: .seconds(-1), scope: .private).milliseconds == 0)
        #expect(CacheHint(ttl: .microseconds(1_999), scope: .private).milliseconds == 1)
        #expect(CacheHint(ttl: .seconds(Int64.max), scope: .private).milliseconds > 0)
        #expect(CacheHint.none.milliseconds == 0)
    }

    @Test func aResourceThatIsNotThereHasTheCodeOfItsEra() {
        let old = RPCError.resourceNotFound("a:", in: .handshake)
        let new = RPCError.resourceNotFound("a:", in: .perRequest)
        #expect([old.code, new.code] == [-32002, -32602])
        #expect(new.data?["uri"]?.string == "a:")
        #expect(old.data == new.data)
    }
}
