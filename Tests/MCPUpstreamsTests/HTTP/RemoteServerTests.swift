import MCPUpstreams
import Testing

@Suite struct RemoteServerTests {
    @Test(arguments: [
        "", "example.com/mcp", "/mcp", "ftp://example.com/", "http:///mcp", "https://user:pw@example.com/mcp",
        "https://example.com/mcp#part",
    ])
    func anAddressThatIsNoneIsRefused(url: String) {
        #expect(throws: RemoteServerError.self) { try RemoteServer(url: url) }
    }

    @Test func whereTLSIsRequiredThereIsNoHTTP() throws {
        #expect(throws: RemoteServerError.self) { try RemoteServer(url: "http://example.com/mcp", requiresTLS: true) }
        _ = try RemoteServer(url: "https://example.com/mcp", requiresTLS: true)
        _ = try RemoteServer(url: "http://[::1]:8080/mcp")
    }

    @Test(arguments: [
        ("Mcp-Session-Id", "x"), ("content-length", "1"), ("Host", "x"), ("Accept", "*/*"), ("Bad Name", "x"),
        ("", "x"),
        ("X-Fine", "a\r\nX-Evil: b"), ("X-Fine", "é"),
    ])
    func headersThatAreNotTheirsToSetAreRefused(name: String, value: String) {
        #expect(throws: RemoteServerError.self) {
            try RemoteServer(url: "https://example.com/", headers: [(name, value)])
        }
    }
}
