// What Holdfast is measured against: a route that reads the body and answers the same bytes to everybody.
import Hummingbird
import Logging

guard CommandLine.arguments.count == 2, let port = Int(CommandLine.arguments[1]) else {
    print("usage: bare PORT")
    throw HTTPError(.badRequest)
}

// As long as Holdfast's answer to the request that both are sent.
let answer = ByteBuffer(
    string: #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hold fast"}]}}"#)

let router = Router()
router.post("/mcp") { request, _ in
    _ = try await request.body.collect(upTo: 4 << 20)
    return Response(
        status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: answer))
}

try await Application(
    router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
).runService()
