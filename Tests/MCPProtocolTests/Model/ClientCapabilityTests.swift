import MCPProtocol
import Testing

@Suite struct ClientCapabilityTests {
    private static func capabilities(_ text: String) throws -> ClientCapabilities {
        ClientCapabilities(try JSON(parsing: Array(text.utf8)))
    }

    @Test func anEmptyElicitationMeansForms() throws {
        let implicit = try Self.capabilities(#"{"elicitation":{}}"#)
        #expect(implicit.has(.elicitationForm))
        #expect(!implicit.has(.elicitationURL))
        let url = try Self.capabilities(#"{"elicitation":{"url":{}}}"#)
        #expect(!url.has(.elicitationForm))
        #expect(url.has(.elicitationURL))
        let both = try Self.capabilities(#"{"elicitation":{"form":{},"url":{}}}"#)
        #expect(both.has(.elicitationForm) && both.has(.elicitationURL))
        #expect(!ClientCapabilities.none.has(.elicitationForm))
    }

    @Test func onlyObjectsAreCapabilities() throws {
        let odd = try Self.capabilities(#"{"sampling":null,"roots":true,"elicitation":[],"extensions":{"x":1}}"#)
        #expect(!odd.has(.sampling) && !odd.has(.roots) && !odd.has(.elicitationForm) && !odd.has(.extension("x")))
        #expect(odd.settings(of: "x") == nil)
        #expect(ClientCapabilities("sampling") == .none)
        let some = try Self.capabilities(
            #"{"sampling":{"tools":{}},"roots":{"listChanged":true},"extensions":{"x":{"a":1}}}"#)
        #expect(some.has(.sampling) && some.has(.samplingTools) && !some.has(.samplingContext) && some.has(.roots))
        #expect(some.settings(of: "x")?["a"]?.integer == 1)
        #expect(some.settings(of: "y") == nil)
    }

    @Test func whatIsMissingIsShapedLikeCapabilities() throws {
        let none = ClientCapabilities.none
        #expect(none.missing([]) == nil)
        #expect(none.missing([.sampling])?.description == #"{"sampling":{}}"#)
        #expect(none.missing([.elicitationForm])?.description == #"{"elicitation":{}}"#)
        #expect(
            none.missing([.elicitationForm, .elicitationURL])?.description == #"{"elicitation":{"form":{},"url":{}}}"#)
        #expect(
            none.missing([.sampling, .samplingTools, .roots])?.description == #"{"roots":{},"sampling":{"tools":{}}}"#)
        #expect(
            none.missing([.extension(ExtensionID.tasks)])?.description
                == #"{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#)
        let url = try Self.capabilities(#"{"elicitation":{"url":{}},"sampling":{}}"#)
        #expect(url.missing([.elicitationForm])?.description == #"{"elicitation":{"form":{}}}"#)
        #expect(url.missing([.sampling, .elicitationURL]) == nil)
        #expect(
            RPCError.missingCapability(url.missing([.roots]) ?? nil).data?.description
                == #"{"requiredCapabilities":{"roots":{}}}"#)
    }
}
