import FoundationEssentials
import MCPProtocol
import Testing

/// The example messages that the specification publishes for 2026-07-28 (`Examples/`, with their licence), each read
/// into our types and written again.
@Suite struct ExampleTests {
    static let version = ProtocolVersion.v2026_07_28

    static let examples: [(name: String, value: JSON)] = {
        let file = URL(filePath: #filePath).appending(path: "../../Examples/2026-07-28.json").standardized
        guard let data = try? Data(contentsOf: file), let json = try? JSON(parsing: Array(data)) else { return [] }
        return json.members ?? []
    }()

    /// Without a type here: parameters that are only looked into, not kept.
    static let passedOver: Set<String> = [
        "CallToolRequestParams", "CancelledNotificationParams", "CompleteRequestParams", "GetPromptRequestParams",
        "ListRootsRequest", "LoggingMessageNotificationParams", "PaginatedRequestParams", "ProgressNotificationParams",
        "ResourceUpdatedNotificationParams",
    ]

    @Test func everyExampleComesBackUnchanged() throws {
        #expect(Self.examples.count == 129)
        var count = 0
        for (name, example) in Self.examples {
            let type = String(name.prefix { $0 != "/" })
            if Self.passedOver.contains(type) { continue }
            let written = try ExampleCodec.rewrite(example, as: type)
            #expect(Canonical(written) == Canonical(example), "\(name)")
            count += 1
        }
        #expect(count == 118)
    }

    @Test func aChangedExampleIsNotTheSame() throws {
        let prompt = try #require(Self.examples.first { $0.name.hasPrefix("ListPromptsResult/") })
        let changed = try JSON(
            parsing: Array(prompt.value.description.replacing(#""required":true"#, with: #""required":false"#).utf8))
        #expect(Canonical(try ExampleCodec.rewrite(changed, as: "ListPromptsResult")) != Canonical(prompt.value))
    }

    @Test func completionRequestsAreRead() throws {
        for (name, example) in Self.examples where name.hasPrefix("CompleteRequestParams/") {
            let request = try CompletionRequest(example)
            #expect(request.reference == .prompt(name: "code_review"))
            #expect(["framework", "language"].contains(request.argument))
            #expect(["fla", "py"].contains(request.value))
            #expect(request.context == (request.value == "fla" ? ["language": "python"] : [:]))
        }
    }
}

/// JSON by its meaning: the order of members and the spelling of numbers do not matter. Nor does a `mode` that says
/// "form", which is what its absence says.
indirect enum Canonical: Equatable {
    case scalar(JSON)
    case number(Double)
    case array([Canonical])
    case object([String: Canonical])

    init(_ json: JSON) {
        if let members = json.members {
            var object = Dictionary(uniqueKeysWithValues: members.map { ($0.name, Canonical($0.value)) })
            if object["requestedSchema"] != nil, object["mode"] == nil { object["mode"] = .scalar("form") }
            self = .object(object)
        } else if let elements = json.elements {
            self = .array(elements.map { Canonical($0) })
        } else if let number = json.number {
            self = .number(number)
        } else {
            self = .scalar(json.string.map { JSON($0) } ?? json)
        }
    }
}
