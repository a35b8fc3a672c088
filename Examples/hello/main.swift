import Holdfast

struct Pair: Decodable {
    var a: Double
    var b: Double
}

let server = MCPServer(name: "hello", version: "1.0.0")

try server.tool("add", "Adds two numbers", input: ["a": .number("The first"), "b": .number("The second")]) {
    (pair: Pair, _) in "\(pair.a + pair.b)"
}

server.prompt("greet", "Greets somebody", arguments: [.required("name", "Who it is")]) { arguments, _ in
    "Say hello to \(arguments["name"] ?? "everybody"), warmly."
}

server.resource("hello://world", name: "world") { _ in "Hello, world!" }

try await server.serve(port: CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8080)
