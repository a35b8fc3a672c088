import Holdfast

/// Every kind of content that a tool can answer with.
func addContentTools(to server: MCPServer) throws {
    // The first of the list, which some clients call without arguments to see whether anything works.
    try server.tool("test_simple_text", "Answers with a text") { _ in "This is a simple text response for testing." }

    try server.tool("test_image_content", "Answers with an image") { _ in
        Content.image(base64: Samples.png, mimeType: "image/png")
    }

    try server.tool("test_audio_content", "Answers with a sound") { _ in
        Content.audio(base64: Samples.wav, mimeType: "audio/wav")
    }

    try server.tool("test_embedded_resource", "Answers with a resource in place") { _ in
        Content.resource(
            ResourceContents(
                uri: "test://embedded-resource", mimeType: "text/plain", text: "This is an embedded resource content."))
    }

    try server.tool("test_multiple_content_types", "Answers with several kinds of content") { _ in
        [
            Content.text("Multiple content types test:"),
            .image(base64: Samples.png, mimeType: "image/png"),
            .resource(
                ResourceContents(
                    uri: "test://mixed-content-resource", mimeType: "application/json",
                    text: #"{"test":"data","value":123}"#)),
        ]
    }

    try server.tool("test_error_handling", "Always fails") { _ -> String in
        throw ToolError("This tool intentionally returns an error for testing")
    }

    try server.tool(
        "json_schema_2020_12_tool", "Has an input schema with much of JSON Schema 2020-12 in it",
        input: .json(Samples.schema2020), allowing: .topLevelCombinators
    ) { (arguments: JSON, _) in "Called with \(arguments)" }

    try server.tool(
        "test_header_parameter", "Has an argument that clients repeat in a header",
        input: ["region": .string("Where to go").header("Region").optional]
    ) { (arguments: JSON, _) in "Region: \(arguments["region"]?.string ?? "none")" }
}
