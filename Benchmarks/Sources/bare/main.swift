// What Holdfast is measured against: a route that reads the body and answers the same bytes to everybody.
import FoundationEssentials
import Hummingbird
import Logging

guard CommandLine.arguments.count == 3, let port = Int(CommandLine.arguments[1]) else {
    print("usage: bare PORT FILE")
    throw HTTPError(.badRequest)
}

// Holdfast's answer to the request that both are sent.
let answer = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: CommandLine.arguments[2])))

let router = Router()
router.post("/mcp") { request, _ in
    _ = try await request.body.collect(upTo: 4 << 20)
    return Response(
        status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: answer))
}

try await Application(
    router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
).runService()
