import MCPProtocol
import Testing

@Suite struct ModelTests {
    static let tool = Tool(
        name: "t", title: "Title", description: "Does it", inputSchema: ["type": "object", "properties": [:]],
        outputSchema: ["type": "object"], annotations: .init(readOnlyHint: true, destructiveHint: false),
        meta: ["k": 1])

    @Test func aToolIsListedWithWhatItsReaderKnows() {
        #expect(
            Self.tool.json(for: .v2025_11_25).description
                == #"{"name":"t","title":"Title","description":"Does it","inputSchema":{"type":"object","properties":{}},"#
                + #""outputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"destructiveHint":false},"_meta":{"k":1}}"#
        )
        #expect(Self.tool.json(for: .v2025_06_18) == Self.tool.json(for: .v2025_11_25))
        #expect(
            Self.tool.json(for: .v2025_03_26).description
                == #"{"name":"t","description":"Does it","inputSchema":{"type":"object","properties":{}},"#
                + #""annotations":{"title":"Title","readOnlyHint":true,"destructiveHint":false}}"#)
        #expect(
            Self.tool.json(for: .v2024_11_05).description
                == #"{"name":"t","description":"Does it","inputSchema":{"type":"object","properties":{}}}"#)
    }

    @Test func aToolWithoutMoreIsItsNameAndAnObjectSchema() {
        for version in ProtocolVersion.allCases {
            #expect(Tool(name: "t").json(for: version).description == #"{"name":"t","inputSchema":{"type":"object"}}"#)
        }
    }

    @Test func anAnnotatedTitleIsNotReplaced() {
        var tool = Tool(name: "t", title: "A", annotations: .init(title: "B"))
        #expect(tool.json(for: .v2025_03_26)["annotations"]?["title"]?.string == "B")
        tool.annotations = nil
        #expect(tool.json(for: .v2025_03_26)["annotations"]?["title"]?.string == "A")
        #expect(tool.json(for: .v2025_06_18)["annotations"] == nil)
        tool.annotations = .init(idempotentHint: true, openWorldHint: false)
        #expect(
            tool.json(for: .v2025_11_25)["annotations"]?.description
                == #"{"idempotentHint":true,"openWorldHint":false}"#)
    }

    @Test func anOutputSchemaThatIsNoObjectIsForTheNewestOnly() {
        let tool = Tool(name: "t", outputSchema: ["type": "array"])
        #expect(tool.json(for: .v2025_11_25)["outputSchema"] == nil)
        #expect(!tool.listsOutputSchema(for: .v2025_11_25))
        #expect(tool.json(for: .v2026_07_28)["outputSchema"]?["type"]?.string == "array")
        #expect(!Self.tool.listsOutputSchema(for: .v2025_03_26))
        #expect(Self.tool.listsOutputSchema(for: .v2025_06_18))
        #expect(!Tool(name: "t").listsOutputSchema(for: .v2025_11_25))
    }

    @Test func contentIsWrittenAsItsReaderKnowsIt() {
        #expect(Content.text("a\"").json(for: .v2024_11_05).description == #"{"type":"text","text":"a\""}"#)
        #expect(
            Content.image(base64: "AA==", mimeType: "image/png").json(for: .v2024_11_05).description
                == #"{"type":"image","data":"AA==","mimeType":"image/png"}"#)
        for block in [Content.text("a\""), .image(base64: "AA==", mimeType: "image/png")] {
            var writer = JSONWriter()
            block.write(to: &writer, for: .v2025_11_25)
            #expect(writer.json == block.json(for: .v2025_11_25))
        }
        let audio = Content.audio(base64: "AA==", mimeType: "audio/wav")
        #expect(audio.json(for: .v2025_03_26).description == #"{"type":"audio","data":"AA==","mimeType":"audio/wav"}"#)
        #expect(audio.json(for: .v2024_11_05)["type"]?.string == "text")
        #expect(audio.json(for: .v2024_11_05)["text"]?.string?.contains("audio/wav") == true)
    }

    @Test func rawContentPassesUnlessItsReaderWouldChoke() {
        let link = Content.raw(["type": "resource_link", "uri": "file:///a", "name": "A"])
        #expect(link.json(for: .v2025_06_18)["uri"]?.string == "file:///a")
        #expect(link.json(for: .v2025_03_26).description == #"{"type":"text","text":"A: file:///a"}"#)
        #expect(Content.raw(["type": "resource_link", "uri": "x:"]).json(for: .v2024_11_05)["text"]?.string == "x:")
        let audio = Content.raw(["type": "audio", "data": "", "mimeType": "audio/ogg"])
        #expect(audio.json(for: .v2025_03_26)["type"]?.string == "audio")
        #expect(audio.json(for: .v2024_11_05)["type"]?.string == "text")
        let odd: JSON = ["type": "resource", "resource": [:], "annotations": ["priority": 1]]
        for version in ProtocolVersion.allCases { #expect(Content.raw(odd).json(for: version) == odd) }
    }

    @Test func anImplementationIsWrittenWithWhatItsReaderKnows() {
        let full = Implementation(
            name: "n", title: "T", version: "1", description: "D", websiteUrl: "https://example.com")
        #expect(
            full.json.description
                == #"{"name":"n","title":"T","version":"1","description":"D","websiteUrl":"https://example.com"}"#)
        #expect(full.json(for: .v2025_06_18).description == #"{"name":"n","title":"T","version":"1"}"#)
        #expect(full.json(for: .v2025_03_26).description == #"{"name":"n","version":"1"}"#)
        #expect(Implementation(name: "n", version: "1").json.description == #"{"name":"n","version":"1"}"#)
    }

    @Test func onlyWhatIsOfferedIsACapability() {
        #expect(ServerCapabilities().json(for: .v2025_11_25).description == "{}")
        #expect(
            ServerCapabilities(toolsListChanged: true, logging: true).json(for: .v2025_11_25).description
                == #"{"logging":{},"tools":{"listChanged":true}}"#)
        #expect(ServerCapabilities(toolsListChanged: false).json(for: .v2024_11_05).description == #"{"tools":{}}"#)
    }

    @Test func logLevelsAreOrderedByGravity() {
        #expect(LogLevel.allCases.sorted() == LogLevel.allCases)
        #expect(LogLevel.debug < .info && LogLevel.error < .critical && LogLevel.alert < .emergency)
        #expect(LogLevel(rawValue: "warning") == .warning)
        #expect(LogLevel(rawValue: "trace") == nil)
    }
}
