import Holdfast

func addResources(to server: MCPServer) throws {
    server.resource("test://static-text", name: "static-text", "A text that stays the same", mimeType: "text/plain") {
        _ in
        "This is the content of the static text resource."
    }

    server.resource("test://static-binary", name: "static-binary", "An image", mimeType: "image/png") { _ in
        ResourceContents(uri: "test://static-binary", mimeType: "image/png", base64: Samples.png)
    }

    server.resource(
        "test://watched-resource", name: "watched-resource", "A text to subscribe to", mimeType: "text/plain"
    ) { _ in "This resource can be watched." }

    try server.template(
        "test://template/{id}/data", name: "template", "A record for every id", mimeType: "application/json"
    ) { match, _ in
        ["id": JSON(match["id"]), "templateTest": true, "data": JSON("Data for ID: \(match["id"])")] as JSON
    }
}
