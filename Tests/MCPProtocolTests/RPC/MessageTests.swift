import MCPProtocol
import Testing

@Suite struct MessageTests {
    static func message(_ text: String) throws -> Message { try Message(JSON(parsing: Array(text.utf8))) }

    @Test func aRequestKeepsItsIDMethodAndParameters() throws {
        let text =
            #"{"params":{"name":"x","_meta":{"progressToken":1e3}},"id":"7","method":"tools\/call","jsonrpc":"2.0"}"#
        guard case .request(let request) = try Self.message(text) else {
            Issue.record("not a request")
            return
        }
        #expect(request.id == .string("7"))
        #expect(request.method == Method.toolsCall)
        #expect(request.params?["name"]?.string == "x")
        #expect(request.meta?.count == 1)
        #expect(request.progressToken?.json.description == "1e3")
    }

    @Test func parametersThatAreNullAreNone() throws {
        guard case .request(let request) = try Self.message(#"{"jsonrpc":"2.0","id":1,"method":"ping","params":null}"#)
        else {
            Issue.record("not a request")
            return
        }
        #expect(request.params == nil)
        #expect(request.progressToken == nil)
    }

    @Test func withoutAnIDItIsANotification() throws {
        let text = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
        guard case .notification(let notification) = try Self.message(text) else {
            Issue.record("not a notification")
            return
        }
        #expect(notification.method == Method.cancelled)
        #expect(notification.params?["requestId"]?.integer == 1)
    }

    @Test func withoutAMethodItIsAResponse() throws {
        guard case .response(let result) = try Self.message(#"{"jsonrpc":"2.0","id":2,"result":{}}"#),
            case .response(let error) = try Self.message(#"{"jsonrpc":"2.0","id":"2","error":{"code":1,"message":""}}"#),
            case .response(let lost) = try Self.message(#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}"#)
        else {
            Issue.record("not responses")
            return
        }
        #expect(result.id == .number(2))
        #expect(result.result?.kind == .object)
        #expect(error.id == .string("2"))
        #expect(error.error?["code"]?.integer == 1)
        #expect(lost.id == nil)
    }

    @Test(
        arguments: [
            ("1", nil), ("\"x\"", nil), ("null", nil), ("{}", nil), (#"{"jsonrpc":"2.0"}"#, nil),
            (#"{"jsonrpc":"2.0","id":1}"#, .number(1)), (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, .number(1)),
            (#"{"jsonrpc":2.0,"id":"a","method":"ping"}"#, .string("a")), (#"{"id":3,"method":"ping"}"#, .number(3)),
            (#"{"jsonrpc":"2.0","id":1,"method":7}"#, .number(1)),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, nil),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, nil), (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, nil),
            (#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, nil),
            (#"{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping"}"#, nil),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, .number(1)),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, .number(1)),
            (#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, nil), (#"{"jsonrpc":"2.0","id":1,"error":"x"}"#, nil),
            (#"{"jsonrpc":"2.0","result":{}}"#, nil), (#"{"jsonrpc":"2.0","id":null,"result":{}}"#, nil),
            (#"{"jsonrpc":"2.0","id":[],"error":{}}"#, nil), ("[]", nil),
        ] as [(String, RequestID?)])
    func whatIsNotAMessageIsRefusedUnderItsIDIfThatCanBeRead(text: String, id: RequestID?) throws {
        let malformed = try #require(throws: Malformed.self) { try Self.message(text) }
        #expect(malformed.error.code == -32600)
        #expect(malformed.id == id)
    }

    @Test func idsKeepTheirType() throws {
        #expect(RequestID(1) == .number(1))
        #expect(RequestID("1") == .string("1"))
        #expect(RequestID.number(1) != .string("1"))
        #expect(RequestID(try JSON(parsing: Array("1.0".utf8))) == .number(1))
        #expect(RequestID.string("a\"").description == #""a\"""#)
        #expect(RequestID.number(-1).description == "-1")
        #expect(RequestID.string("\u{E9}") != .string("e\u{301}"))
        #expect(Set([RequestID.string("a"), .string("a"), .number(1), .number(1)]).count == 2)
    }

    @Test(arguments: ["0", "\"\"", "1e15", "1000000000000000", "\"abc\"", "1.5"])
    func aProgressTokenIsEchoedAsItWasSpelled(text: String) throws {
        #expect(ProgressToken(try JSON(parsing: Array(text.utf8)))?.json.description == text)
    }

    @Test(arguments: ["null", "true", "{}", "[]"])
    func whatIsNeitherStringNorNumberIsNoProgressToken(text: String) throws {
        #expect(ProgressToken(try JSON(parsing: Array(text.utf8))) == nil)
    }
}
