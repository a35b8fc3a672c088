import MCPProtocol
import Testing

@Suite struct WireTests {
    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func resultsCarryTheirID() {
        #expect(Self.text(Wire.result(["a": 1], id: .number(3))) == #"{"jsonrpc":"2.0","id":3,"result":{"a":1}}"#)
        #expect(Self.text(Wire.result([:], id: .string("x\n"))) == #"{"jsonrpc":"2.0","id":"x\n","result":{}}"#)
        #expect(
            Self.text(Wire.result(raw: Array("{}".utf8), id: .number(1))) == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
    }

    @Test func anErrorWithoutAnIDHasNullInOneEraAndNoneInTheOther() {
        let error = RPCError.parseError("no")
        #expect(
            Self.text(Wire.error(error, id: nil, era: .handshake))
                == #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#)
        #expect(
            Self.text(Wire.error(error, id: nil, era: .perRequest))
                == #"{"jsonrpc":"2.0","error":{"code":-32700,"message":"no"}}"#)
        #expect(
            Self.text(Wire.error(error, id: .number(1), era: .perRequest))
                == #"{"jsonrpc":"2.0","id":1,"error":{"code":-32700,"message":"no"}}"#)
    }

    @Test func notificationsAndRequestsHaveTheirParametersIfAny() {
        #expect(Self.text(Wire.notification("n")) == #"{"jsonrpc":"2.0","method":"n"}"#)
        #expect(
            Self.text(Wire.notification("n", params: ["a": 1])) == #"{"jsonrpc":"2.0","method":"n","params":{"a":1}}"#)
        #expect(Self.text(Wire.request("r", id: .number(1))) == #"{"jsonrpc":"2.0","id":1,"method":"r"}"#)
        #expect(
            Self.text(Wire.request("r", params: [:], id: .string("1")))
                == #"{"jsonrpc":"2.0","id":"1","method":"r","params":{}}"#)
    }

    @Test func nothingOnTheWireHasALineBreak() throws {
        let pretty = try JSON(parsing: Array("{\n\"a\":\r\n1\n}".utf8))
        let messages = [
            Wire.result(pretty, id: .string("a\nb")), Wire.notification("n", params: pretty),
            Wire.request("r", params: pretty, id: .number(1)),
            Wire.error(RPCError(code: 1, message: "a\r\nb", data: pretty), id: nil, era: .handshake),
        ]
        for message in messages {
            #expect(!message.contains(0x0A) && !message.contains(0x0D))
            #expect(throws: Never.self) { try Message(JSON(parsing: message)) }
        }
    }

    @Test func errorsOfTheProtocolCarryTheirData() {
        let version = RPCError.unsupportedVersion(requested: "v9", supported: ProtocolVersion.handshakeVersions)
        #expect(version.code == -32022)
        #expect(
            version.data?.description
                == #"{"supported":["2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"requested":"v9"}"#)
        let capability = RPCError.missingCapability(["elicitation": [:]])
        #expect(capability.code == -32021)
        #expect(capability.data?.description == #"{"requiredCapabilities":{"elicitation":{}}}"#)
        #expect(RPCError.headerMismatch("x").code == -32020)
        #expect(RPCError.methodNotFound("a/b").code == -32601)
        #expect(RPCError.methodNotFound("a/b").message.contains("a/b"))
        #expect(RPCError.invalidParams("x").code == -32602)
        #expect(RPCError.internalError("x").code == -32603)
        #expect(RPCError.requestCancelled.code == -32800)
    }

    @Test(arguments: [
        (-32700, 400, 400), (-32600, 400, 400), (-32601, 404, 404), (-32602, 400, 400), (-32603, 500, 500),
        (-32001, 404, 400), (-32020, 400, 400), (-32021, 400, 400), (-32022, 400, 400), (12345, 400, 400),
    ])
    func theLadderGivesEveryCodeAStatus(code: Int, handshake: Int, perRequest: Int) {
        #expect(StatusTable.status(for: code, era: .handshake, ladder: true) == handshake)
        #expect(StatusTable.status(for: code, era: .perRequest, ladder: true) == perRequest)
    }

    @Test(arguments: [-32700, -32600, -32601, -32602, -32603, -32001, -32002, -32020, -32021, -32022, -32800, 12345])
    func whatAHandlerAnswersIs200ButForTwoCodesOfThePerRequestEra(code: Int) {
        #expect(StatusTable.status(for: code, era: .handshake, ladder: false) == 200)
        let isBad = code == -32021 || code == -32022
        #expect(StatusTable.status(for: code, era: .perRequest, ladder: false) == (isBad ? 400 : 200))
    }
}
