import MCPProtocol
import Testing

/// What is offered: resources, prompts, completion, and what stands around them.
@Suite struct OfferTests {
    static let icon = Icon(src: "https://example.com/i.png", mimeType: "image/png", sizes: ["48x48"], theme: .dark)
    static let resource = Resource(
        uri: "file:///a", name: "a", title: "A", description: "D", mimeType: "text/plain", size: 3,
        annotations: ContentAnnotations(audience: [.user], priority: 0.5, lastModified: "2025-01-12T15:00:58Z"),
        icons: [icon], meta: ["k": 1])

    @Test func aResourceIsListedWithWhatItsReaderKnows() throws {
        let newest = Self.resource.json(for: .v2026_07_28)
        #expect(
            newest.description
                == #"{"uri":"file:///a","name":"a","title":"A","description":"D","mimeType":"text/plain","size":3,"#
                + #""annotations":{"audience":["user"],"priority":0.5,"lastModified":"2025-01-12T15:00:58Z"},"#
                + #""icons":[{"src":"https://example.com/i.png","mimeType":"image/png","sizes":["48x48"],"theme":"dark"}],"#
                + #""_meta":{"k":1}}"#)
        #expect(try Resource(newest) == Self.resource)
        #expect(newest == Self.resource.json(for: .v2025_11_25))
        #expect(Self.resource.json(for: .v2025_06_18)["icons"] == nil)
        #expect(
            Self.resource.json(for: .v2025_03_26).description
                == #"{"uri":"file:///a","name":"a","description":"D","mimeType":"text/plain","size":3,"#
                + #""annotations":{"audience":["user"],"priority":0.5}}"#)
    }

    @Test func aTemplateAndAPromptAreListedWithWhatTheirReaderKnows() throws {
        let template = ResourceTemplate(uriTemplate: "x://{id}", name: "x", title: "X", icons: [Self.icon], meta: [:])
        #expect(try ResourceTemplate(template.json(for: .v2026_07_28)) == template)
        #expect(template.json(for: .v2025_03_26).description == #"{"uriTemplate":"x://{id}","name":"x"}"#)
        let prompt = Prompt(
            name: "p", title: "P", description: "D",
            arguments: [PromptArgument(name: "a", title: "A", required: true), PromptArgument(name: "b")],
            icons: [Self.icon])
        #expect(try Prompt(prompt.json(for: .v2026_07_28)) == prompt)
        #expect(
            prompt.json(for: .v2024_11_05).description
                == #"{"name":"p","description":"D","arguments":[{"name":"a","required":true},{"name":"b"}]}"#)
    }

    @Test func resourcesTravelInContent() throws {
        let contents = ResourceContents(uri: "file:///a", mimeType: "text/plain", text: "hi")
        let embedded = Content.resource(contents).json(for: .v2024_11_05)
        #expect(
            embedded.description
                == #"{"type":"resource","resource":{"uri":"file:///a","mimeType":"text/plain","text":"hi"}}"#)
        #expect(try Content(embedded) == .resource(contents))
        let blob = ResourceContents(uri: "file:///b", base64: "AA==", meta: ["k": 1])
        #expect(blob.json(for: .v2025_03_26).description == #"{"uri":"file:///b","blob":"AA=="}"#)
        #expect(try ResourceContents(blob.json(for: .v2025_06_18)) == blob)

        let link = Content.resourceLink(Self.resource)
        #expect(link.json(for: .v2025_06_18)["type"]?.string == "resource_link")
        #expect(link.json(for: .v2025_03_26).description == #"{"type":"text","text":"A: file:///a"}"#)
        #expect(try Content(link.json(for: .v2026_07_28)) == link)
    }

    @Test func annotatedContentKeepsItsKindAndItsAdaptation() {
        let block = Content.text("hi").annotated(ContentAnnotations(audience: [.assistant], priority: 1))
        #expect(
            block.json(for: .v2025_11_25).description
                == #"{"type":"text","text":"hi","annotations":{"audience":["assistant"],"priority":1}}"#)
        #expect(block.text == "hi")
        let audio = Content.audio(base64: "AA==", mimeType: "audio/wav").annotated(ContentAnnotations(priority: 1))
        #expect(audio.json(for: .v2024_11_05)["type"]?.string == "text")
    }

    @Test func contentThatIsNoBlockIsRefusedByName() throws {
        #expect(throws: ShapeError("content.text", "a string")) { try Content(["type": "text"]) }
        #expect(throws: ShapeError("content", "an object")) { try Content("text") }
        #expect(throws: ShapeError("resource.uri", "a string")) { try Resource(["name": "a"]) }
        #expect(throws: ShapeError("resource._meta", "an object")) {
            try Resource(["uri": "a", "name": "a", "title": nil, "_meta": []])
        }
        #expect(try Resource(["uri": "a", "name": "a", "title": nil, "_meta": nil]) == Resource(uri: "a", name: "a"))
        #expect(throws: ShapeError("resource.icons[0].src", "a string")) {
            try Resource(["uri": "a", "name": "a", "icons": [["sizes": ["any"]]]])
        }
        #expect(throws: ShapeError("contents", "an object with \"text\" or \"blob\"")) {
            try ResourceContents(["uri": "a"])
        }
        #expect(throws: ShapeError("result.messages[0].role", "\"user\" or \"assistant\"")) {
            try PromptResult(["messages": [["role": "system", "content": ["type": "text", "text": ""]]]])
        }
        #expect(try Content(["type": "hologram", "x": 1]) == .raw(["type": "hologram", "x": 1]))
    }

    @Test func completionIsAskedAndAnswered() throws {
        let request = try CompletionRequest([
            "ref": ["type": "ref/resource", "uri": "x://{id}"], "argument": ["name": "id", "value": "1"],
        ])
        #expect(request.reference == .resource(uriTemplate: "x://{id}"))
        #expect(request.reference.json.description == #"{"type":"ref/resource","uri":"x://{id}"}"#)
        #expect(throws: ShapeError("params.ref.type", "\"ref/prompt\" or \"ref/resource\"")) {
            try CompletionRequest(["ref": ["type": "x"], "argument": ["name": "a", "value": ""]])
        }
        #expect(throws: ShapeError("params.argument", "an object")) {
            try CompletionRequest(["ref": ["type": "ref/prompt", "name": "p"]])
        }
        #expect(throws: ShapeError("params.context.arguments.a", "a string")) {
            try CompletionRequest([
                "ref": ["type": "ref/prompt", "name": "p"], "argument": ["name": "b", "value": ""],
                "context": ["arguments": ["a": 1]],
            ])
        }
        #expect(Completion([]).json.description == #"{"values":[]}"#)
        #expect(
            Completion(["a"], total: 2, hasMore: true).json.description == #"{"values":["a"],"total":2,"hasMore":true}"#
        )
        let many = Completion((0..<150).map { "\($0)" }, hasMore: false).json
        #expect(many["values"]?.count == 100)
        #expect(many["hasMore"]?.bool == true)
    }

    @Test func capabilitiesAreStatedAsTheVersionHasThem() throws {
        let all = ServerCapabilities(
            toolsListChanged: true, promptsListChanged: false,
            resources: .init(listChanged: true, subscribe: true), logging: true, completions: true,
            extensions: [ExtensionID.tasks: [:]], experimental: ["x": [:]])
        #expect(
            all.json(for: .v2026_07_28).description
                == #"{"experimental":{"x":{}},"logging":{},"completions":{},"prompts":{},"#
                + #""resources":{"subscribe":true,"listChanged":true},"tools":{"listChanged":true},"#
                + #""extensions":{"io.modelcontextprotocol/tasks":{}}}"#)
        #expect(all.json(for: .v2025_11_25)["extensions"] == nil)
        #expect(all.json(for: .v2024_11_05)["completions"] == nil)
        #expect(try ServerCapabilities(all.json(for: .v2026_07_28)) == all)
    }

    @Test func aMethodExistsOnlyInItsEra() {
        let handshake = Method.requests(in: .handshake)
        let perRequest = Method.requests(in: .perRequest)
        let removed: Set<String> = [
            "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
        ]
        #expect(handshake.subtracting(perRequest) == removed)
        #expect(
            perRequest.subtracting(handshake)
                == ["server/discover", "subscriptions/listen", "tasks/get", "tasks/update", "tasks/cancel"])
        #expect(handshake.count == 13)
        #expect(Method.clientNotifications(in: .perRequest) == ["notifications/cancelled"])
        #expect(Method.clientNotifications(in: .handshake).count == 4)
        #expect(Method.label("sampling/createMessage") == "sampling/createMessage")
        #expect(Method.label("tasks/list") == "other")
        #expect(Method.asking.isSubset(of: perRequest))
    }
}
