import MCPProtocol
import MCPTesting
import Testing

@testable import MCPEngine

/// Arguments that a tool wants repeated in headers, on their way to it.
@Suite(.timeLimit(.minutes(1))) struct RepeatedParameterTests {
    private static let tool = SwiftTool(
        Tool(
            name: "route",
            inputSchema: ["type": "object", "properties": ["region": ["type": "string", "x-mcp-header": "Region"]]])
    ) { arguments, _ in .text(arguments["region"]?.string ?? "nowhere") }

    @Test(.requirement("H-76"), arguments: [["region": "eu"], ["region": "EU"], [:], ["region": "us"]])
    func whatDiffersFromItsHeaderNeverReachesTheTool(headers: [String: String]) async throws {
        try await Conversation(tools: [Self.tool]).run { conversation in
            var client = PerRequestClient(conversation)
            client.parameters = headers
            let reply = await client.call("route", ["region": "eu"])
            guard headers["region"] != "eu" else {
                let result = try await reply.result()
                #expect(result?["content"]?.elements?.first?["text"]?.string == "eu")
                return
            }
            #expect(reply.status == 400)
            #expect(try await reply.error()?["code"]?.integer == -32020)
        }
    }

    @Test(.requirement("H-76")) func withoutHeadersByDesignNothingIsCompared() async throws {
        try await Conversation(tools: [Self.tool]).run { conversation in
            let meta: JSON = [
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": [:],
            ]
            let body: JSON = [
                "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": ["name": "route", "arguments": ["region": "eu"], "_meta": meta],
            ]
            var call = Call(verb: .post, principal: .local, headers: RequestHeaders(), body: Array(body.bytes))
            call.comesWithHeaders = false
            let result = try await conversation.gateway.handle(call).result()
            #expect(result?["content"]?.elements?.first?["text"]?.string == "eu")
        }
    }
}
