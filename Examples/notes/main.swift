import Holdfast

// Notes that a model writes and everybody reads: resources, subscriptions to them, and a list that changes while the
// server runs. `notes --port N`, or `notes --stdio`.

let notes = Notes()

var options = MCPServer.Options()
// Before the first note is written there is none, and clients should listen already.
options.declares = [.resources]
// Whoever keeps the list for a minute would miss a note.
options.cache.resources = .none

let server = MCPServer(
    name: "notes", version: "1.0.0", instructions: "Write a note for what should not be forgotten.", options: options)

struct Draft: Decodable {
    var title: String
    var text: String
}

try server.tool(
    "write_note", "Writes a note, or writes it anew",
    input: [
        "title": .string("What to find it by", minLength: 1, maxLength: 80),
        "text": .string("What not to forget"),
    ]
) { (draft: Draft, _) in
    let uri = Notes.uri(of: draft.title)
    guard notes.write(draft.text, as: draft.title) else {
        server.resourceUpdated(uri)
        return "Written anew: \(uri)"
    }
    server.resource(uri, name: draft.title, mimeType: "text/plain") { _ in
        guard let text = notes[draft.title] else { throw ResourceNotFound(uri) }
        return text
    }
    return "Written: \(uri)"
}

struct Choice: Decodable {
    var title: String
}

try server.tool("remove_note", "Removes a note, if the user agrees", input: ["title": .string("Which note")]) {
    (choice: Choice, context) in
    guard notes[choice.title] != nil else { throw ToolError("There is no note of the title \(choice.title)") }
    if context.client.has(.elicitationForm) {
        let answer = try await context.elicit("Remove the note \(choice.title)?", ElicitationSchema([]))
        guard answer.action == .accept else { return "Kept." }
    }
    notes.remove(choice.title)
    server.removeResource(Notes.uri(of: choice.title))
    return "Removed."
}

server.prompt(
    "summarize", "Sums up a note", arguments: [.required("title", "Which note")],
    completion: SwiftCompletion { request, _ in
        Completion(notes.titles.filter { $0.hasPrefix(request.value) })
    }
) { arguments, _ in
    let title = arguments["title"] ?? ""
    guard let text = notes[title] else { throw RPCError.invalidParams("There is no note of the title \(title)") }
    return "Sum up this note in one sentence:\n\n\(text)"
}

let arguments = CommandLine.arguments
if arguments.contains("--stdio") {
    try await server.serveStdio()
} else {
    let port = arguments.firstIndex(of: "--port").flatMap { arguments.dropFirst($0 + 1).first }.flatMap { Int($0) }
    try await server.serve(port: port ?? 8080)
}
