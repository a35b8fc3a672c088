import MCPProtocol
import Testing

@Suite struct ListenFilterTests {
    private static func filter(_ notifications: String, limit: Int = 10) throws -> ListenFilter {
        try ListenFilter(
            params: try JSON(parsing: Array(#"{"notifications":\#(notifications)}"#.utf8)), limit: limit)
    }

    @Test func aFilterIsReadAndWritten() throws {
        let text =
            #"{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true,"#
            + #""resourceSubscriptions":["a:","b:"],"taskIds":["t"]}"#
        #expect(try Self.filter(text).json.description == text)
        #expect(try Self.filter(#"{"toolsListChanged":false,"weather":true}"#) == ListenFilter())
        #expect(try Self.filter(#"{"resourceSubscriptions":["a:","a:"]}"#).resourceSubscriptions == ["a:"])
        #expect(ListenFilter().json.description == "{}")
    }

    @Test(arguments: [
        ("[]", "params.notifications must be an object"),
        (#"{"toolsListChanged":1}"#, "params.notifications.toolsListChanged must be true or false"),
        (#"{"resourceSubscriptions":"a:"}"#, "params.notifications.resourceSubscriptions must be an array"),
        (#"{"resourceSubscriptions":[1]}"#, "params.notifications.resourceSubscriptions[0] must be a string"),
        (#"{"taskIds":["1","2","3"]}"#, "params.notifications.taskIds must be no more than 2 long"),
    ])
    func aFilterOfTheWrongShapeIsToldWhy(notifications: String, message: String) {
        #expect(throws: RPCError.invalidParams(message)) { try Self.filter(notifications, limit: 2) }
    }

    @Test func aRequestWithoutAFilterIsRefused() {
        #expect(throws: RPCError.invalidParams("params.notifications must be an object")) {
            try ListenFilter(params: nil)
        }
    }

    @Test func onlyWhatIsOfferedIsGranted() {
        let all = ListenFilter(
            toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true,
            resourceSubscriptions: ["a:"], taskIDs: ["t"])
        #expect(all.granted(by: ServerCapabilities()) == ListenFilter())
        #expect(
            all.granted(by: ServerCapabilities(toolsListChanged: true, promptsListChanged: false, resources: .init()))
                == ListenFilter(toolsListChanged: true))
        let offered = ServerCapabilities(
            toolsListChanged: true, promptsListChanged: true, resources: .init(listChanged: true, subscribe: true),
            extensions: [ExtensionID.tasks: [:]])
        #expect(all.granted(by: offered) == all)
        #expect(ListenFilter(promptsListChanged: true).granted(by: offered) == ListenFilter(promptsListChanged: true))
    }
}
