// What Holdfast in front of a remote server is measured against: a route that copies bytes, there and back.
import AsyncHTTPClient
import FoundationEssentials
import Hummingbird
import NIOCore
import NIOHTTP1

guard CommandLine.arguments.count == 3, let port = Int(CommandLine.arguments[1]) else {
    print("usage: bareproxy PORT URL")
    throw HTTPError(.badRequest)
}

let upstream = CommandLine.arguments[2]
let passedOn = ["content-type", "accept", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"]

let router = Router()
router.post("/mcp") { request, _ in
    var onward = HTTPClientRequest(url: upstream)
    onward.method = .POST
    for field in request.headers where passedOn.contains(field.name.canonicalName) {
        onward.headers.add(name: field.name.canonicalName, value: field.value)
    }
    onward.body = .bytes(try await request.body.collect(upTo: 4 << 20))
    let answer = try await HTTPClient.shared.execute(onward, timeout: .seconds(30))
    var headers = HTTPFields()
    if let type = answer.headers.first(name: "content-type") { headers[.contentType] = type }
    return Response(
        status: .init(code: Int(answer.status.code)), headers: headers,
        body: ResponseBody(byteBuffer: try await answer.body.collect(upTo: 4 << 20)))
}

try await Application(
    router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
).runService()
