import Holdfast

// A server with something of every kind, for clients to try themselves on: what the official conformance suite asks of a
// server. `everything --port N` serves it at http://127.0.0.1:N/mcp, open to this machine; `everything --stdio` to the
// client that starts it.

let server = MCPServer(
    name: "everything", version: "1.0.0", title: "Everything", instructions: "Try anything: nothing here is real.")

try addContentTools(to: server)
try addRunningTools(to: server)
try addAskingTools(to: server)
try addInputTools(to: server)
try addTaskTools(to: server)
try addResources(to: server)
addPrompts(to: server)

let arguments = CommandLine.arguments
if arguments.contains("--stdio") {
    try await server.serveStdio()
} else {
    let port = arguments.firstIndex(of: "--port").flatMap { arguments.dropFirst($0 + 1).first }.flatMap { Int($0) }
    try await server.serve(port: port ?? 8080)
}
