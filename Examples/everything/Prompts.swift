import Holdfast

func addPrompts(to server: MCPServer) {
    server.prompt("test_simple_prompt", "A prompt without arguments") { _, _ in "This is a simple prompt for testing." }

    server.prompt(
        "test_prompt_with_arguments", "A prompt with two arguments",
        arguments: [.required("arg1", "The first"), .required("arg2", "The second")],
        completion: .values(["arg1": ["test", "testing", "tested"], "arg2": ["value", "values"]])
    ) { arguments, _ in
        "Prompt with arguments: arg1='\(arguments["arg1"] ?? "")', arg2='\(arguments["arg2"] ?? "")'"
    }

    server.prompt(
        "test_prompt_with_embedded_resource", "A prompt with a resource in it",
        arguments: [.required("resourceUri", "Which resource")]
    ) { arguments, _ in
        [
            PromptMessage.user(
                .resource(
                    ResourceContents(
                        uri: arguments["resourceUri"] ?? "", mimeType: "text/plain",
                        text: "Embedded resource content for testing."))),
            .user("Please process the embedded resource above."),
        ]
    }

    server.prompt("test_prompt_with_image", "A prompt with an image in it") { _, _ in
        [
            PromptMessage.user(.image(base64: Samples.png, mimeType: "image/png")),
            .user("Please analyze the image above."),
        ]
    }
}
