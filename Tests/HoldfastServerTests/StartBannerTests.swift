import HoldfastServer
import MCPEngine
import Testing

struct StartBannerTests {
    private func banner(_ access: AccessDecision, flags: [String: String] = [:]) async throws -> String {
        let settings = try await Settings.load(flags: flags, environment: ["HOME": "/home/someone"])
        return StartBanner(settings: settings, port: 4321, access: access).text
    }

    @Test func itSaysWhereForWhomWithWhichDataAndWhatToPaste() async throws {
        let text = try await banner(.open(.local), flags: ["data-dir": "/data"])
        #expect(text.contains("listens on http://127.0.0.1:4321/mcp\n"))
        #expect(text.contains("to this machine only; no key is needed"))
        #expect(text.contains("/data\n"))
        #expect(text.contains("claude mcp add --transport http holdfast http://127.0.0.1:4321/mcp\n"))
        #expect(text.hasSuffix("\n"))
    }

    @Test func whereAKeyIsRequiredTheLineHasAPlaceForIt() async throws {
        let text = try await banner(.keyRequired, flags: ["api-key": "hunter2"])
        #expect(text.contains("a key is required") && text.contains("holdfast keys create NAME"))
        #expect(text.contains(#"--header "Authorization: Bearer YOUR_KEY""#))
        #expect(!text.contains("hunter2"))
    }

    @Test func whereAnIssuerGivesOutTokensNoKeyIsAskedFor() async throws {
        let text = try await banner(
            .signInRequired,
            flags: ["oauth-issuer": "https://login.example.com", "public-url": "https://mcp.example.com/mcp"])
        #expect(text.contains("people sign in with OAuth; keys work too"))
        #expect(!text.contains("YOUR_KEY"))
    }

    @Test func anOpenServerThatOthersReachSaysSo() async throws {
        let text = try await banner(.open(.anonymous), flags: ["host": "0.0.0.0"])
        #expect(text.contains("open to everyone who reaches it"))
        #expect(text.contains("listens on http://0.0.0.0:4321/mcp"))
        #expect(text.contains("http holdfast http://127.0.0.1:4321/mcp"))
    }

    @Test func theURLToPasteIsThePublicOneWhenItIsKnown() async throws {
        let text = try await banner(.keyRequired, flags: ["public-url": "https://mcp.example.com/x"])
        #expect(text.contains("http holdfast https://mcp.example.com/x"))
    }

    @Test func anIPv6AddressWearsBracketsAndAnOddNameStaysOutOfTheCommand() async throws {
        let text = try await banner(.open(.local), flags: ["host": "::1", "path": "/x", "server-name": "a; rm b"])
        #expect(text.contains("claude mcp add --transport http holdfast http://[::1]:4321/x\n"))
    }
}
