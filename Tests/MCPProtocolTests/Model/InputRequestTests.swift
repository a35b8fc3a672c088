import MCPProtocol
import Testing

/// What a server asks of a client, and how its answer is taken.
@Suite struct InputRequestTests {
    static let form = InputRequest.form(message: "Who?", schema: ElicitationSchema([.string("name", required: true)]))
    static let url = InputRequest.url(message: "Go", url: "https://example.com/x", id: "e1")
    static let sampling = InputRequest.sampling(SamplingRequest(messages: [.user("Hi")], maxTokens: 100))

    @Test func aFormIsAskedWithAModeOnlyWhereThereAreModes() {
        #expect(Self.form.method == "elicitation/create")
        #expect(
            Self.form.params(for: .v2026_07_28).description
                == #"{"mode":"form","message":"Who?","requestedSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}}"#
        )
        #expect(Self.form.params(for: .v2025_06_18)["mode"] == nil)
        #expect(!Self.form.isAvailable(in: .v2025_03_26))
        #expect(Self.form.requiredCapabilities(for: .v2025_06_18) == [.elicitationForm])
    }

    @Test func aURLHasAnIdInOneVersionOnly() {
        #expect(
            Self.url.params(for: .v2025_11_25).description
                == #"{"mode":"url","message":"Go","url":"https://example.com/x","elicitationId":"e1"}"#)
        #expect(Self.url.params(for: .v2026_07_28)["elicitationId"] == nil)
        #expect(!Self.url.isAvailable(in: .v2025_06_18))
        #expect(Self.url.requiredCapabilities(for: .v2026_07_28) == [.elicitationURL])
    }

    @Test func samplingSaysWhatItNeeds() {
        #expect(
            Self.sampling.json(for: .v2024_11_05).description
                == #"{"method":"sampling/createMessage","params":{"messages":[{"role":"user","content":{"type":"text","text":"Hi"}}],"maxTokens":100}}"#
        )
        #expect(Self.sampling.isAvailable(in: .v2024_11_05))
        #expect(Self.sampling.requiredCapabilities(for: .v2026_07_28) == [.sampling])
        let tools = InputRequest.sampling(
            SamplingRequest(
                messages: [.user("Hi")], maxTokens: 1, includeContext: .thisServer, tools: [Tool(name: "t")]))
        #expect(tools.requiredCapabilities(for: .v2025_11_25) == [.sampling, .samplingTools, .samplingContext])
        #expect(!tools.isAvailable(in: .v2025_06_18))
        let used = SamplingMessage(role: .assistant, content: [.toolUse(ToolUse(id: "1", name: "t"))])
        #expect(
            InputRequest.sampling(SamplingRequest(messages: [used], maxTokens: 1))
                .requiredCapabilities(for: .v2026_07_28) == [.sampling, .samplingTools])
        let context = InputRequest.sampling(
            SamplingRequest(messages: [.user("Hi")], maxTokens: 1, includeContext: .allServers))
        #expect(context.requiredCapabilities(for: .v2025_06_18) == [.sampling])
        #expect(context.params(for: .v2025_06_18)["includeContext"]?.string == "allServers")
    }

    @Test func aMessageOfSeveralBlocksBecomesSeveralForOldClients() {
        let request = SamplingRequest(
            messages: [SamplingMessage(role: .user, content: [.text("a"), .text("b")])], maxTokens: 1)
        #expect(request.params(for: .v2025_11_25)["messages"]?.elements?[0]["content"]?.count == 2)
        #expect(
            request.params(for: .v2025_06_18)["messages"]?.description
                == #"[{"role":"user","content":{"type":"text","text":"a"}},{"role":"user","content":{"type":"text","text":"b"}}]"#
        )
    }

    @Test func rootsAreAskedWithoutParameters() {
        #expect(InputRequest.roots.json(for: .v2026_07_28).description == #"{"method":"roots/list","params":{}}"#)
        #expect(InputRequest.roots.requiredCapabilities(for: .v2026_07_28) == [.roots])
    }

    @Test func anAnswerIsReadAsWhatWasAsked() throws {
        #expect(
            try Self.form.response(["action": "accept", "content": ["name": "Ann"]])
                == .elicitation(ElicitationAnswer(action: .accept, content: ["name": "Ann"])))
        #expect(
            try Self.form.response(["action": "decline", "content": ["name": 1]])
                == .elicitation(ElicitationAnswer(action: .decline)))
        #expect(try Self.url.response(["action": "accept"]) == .elicitation(ElicitationAnswer(action: .accept)))
        let answer = try Self.sampling.response([
            "role": "assistant", "content": ["type": "text", "text": "Paris"], "model": "m", "stopReason": "endTurn",
        ])
        #expect(
            answer
                == .sampling(
                    SamplingAnswer(content: [.text("Paris")], model: "m", stopReason: "endTurn")))
        #expect(
            try InputRequest.roots.response(["roots": [["uri": "file:///a", "name": "A"]]])
                == .roots([Root(uri: "file:///a", name: "A")]))
    }

    @Test(
        arguments: [
            (form, "12345", "inputResponses.k must be an object"),
            (form, #"{}"#, "inputResponses.k.action must be a string"),
            (form, #"{"action":"ok"}"#, #"inputResponses.k.action must be "accept", "decline" or "cancel""#),
            (form, #"{"action":"accept"}"#, #"inputResponses.k.content: "name" is missing"#),
            (form, #"{"action":"accept","content":[]}"#, "inputResponses.k.content must be an object"),
            (form, #"{"action":"accept","content":{"name":1}}"#, #"inputResponses.k.content: "name" must be a string"#),
            (url, "null", "inputResponses.k must be an object"),
            (sampling, #"{"action":"accept"}"#, #"inputResponses.k.role must be "user" or "assistant""#),
            (
                sampling, #"{"role":"user","content":{"type":"text","text":""}}"#,
                "inputResponses.k.model must be a string"
            ),
            (
                sampling, #"{"role":"user","content":[{}],"model":""}"#,
                "inputResponses.k.content[0].type must be a string"
            ),
            (.roots, #"{"roots":{}}"#, "inputResponses.k.roots must be an array"),
            (.roots, #"{"roots":[{"name":"x"}]}"#, "inputResponses.k.roots[0].uri must be a string"),
        ] as [(InputRequest, String, String)])
    func anAnswerOfTheWrongShapeIsToldWhy(request: InputRequest, answer: String, message: String) throws {
        let json = try JSON(parsing: Array(answer.utf8))
        #expect(throws: RPCError.invalidParams(message)) { try request.response(json, at: "inputResponses.k") }
    }

    @Test func aModelsToolUsesAreFound() throws {
        let answer = SamplingAnswer(
            content: [.text("a"), .toolUse(ToolUse(id: "1", name: "t", input: ["x": 1])), .text("b")], model: "m")
        #expect(answer.text == "ab")
        #expect(answer.toolUses == [ToolUse(id: "1", name: "t", input: ["x": 1])])
        #expect(try SamplingAnswer(answer.json(for: .v2025_11_25)) == answer)
        #expect(
            Content.toolResult(for: "1", [.text("r")], isError: true).json(for: .v2025_11_25).description
                == #"{"type":"tool_result","toolUseId":"1","content":[{"type":"text","text":"r"}],"isError":true}"#)
    }

    @Test func onlyThreeMethodsAreQuestions() {
        #expect(throws: ShapeError.self) { try InputRequest(method: "tools/list", params: nil) }
        #expect(throws: ShapeError("params.url", "a string")) {
            try InputRequest(method: "elicitation/create", params: ["mode": "url", "message": "m"])
        }
    }
}
