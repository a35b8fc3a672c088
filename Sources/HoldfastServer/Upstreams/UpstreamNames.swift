/// What names of upstreams, and names that go out to them, must look like. Each rule returns what would be right.
enum UpstreamNames {
    static func fault(ofName name: String) -> String? {
        let isGood =
            (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { isWord($0) && !isUpper($0) }
            && name.utf8.first.map { !"_-".utf8.contains($0) } == true
        return isGood ? nil : "give 1 to 32 of a-z 0-9 _ -, a letter or digit first"
    }

    static func fault(ofPrefix prefix: String) -> String? {
        let isGood =
            (1...32).contains(prefix.utf8.count) && prefix.utf8.allSatisfy(isWord)
            && prefix.utf8.first.map { !"_-".utf8.contains($0) } == true
        return isGood ? nil : "give 1 to 32 of A-Z a-z 0-9 _ -, a letter or digit first"
    }

    static func fault(ofCommand command: String) -> String? {
        if let fault = SettingRule.filled(command) { return fault }
        if command.hasPrefix("-") { return "give a program first, then its arguments" }
        if command.contains(" "), !command.contains("/") {
            return "give the program alone, and the rest under arguments"
        }
        return nil
    }

    /// Ours to set, or the connection's.
    private static let ownHeaders = [
        "accept", "content-length", "content-type", "host", "connection", "transfer-encoding", "last-event-id",
        "mcp-session-id", "mcp-protocol-version", "mcp-method", "mcp-name", "te", "trailer", "upgrade",
    ]

    static func fault(ofHeader name: String) -> String? {
        let isGood =
            (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { isWord($0) || "!#$%&'*+.^`|~".utf8.contains($0) }
        guard isGood else { return "give the name of a header" }
        let isOwn = ownHeaders.contains(name.lowercased()) || name.lowercased().hasPrefix("mcp-param-")
        return isOwn ? "that header is not for settings to set" : nil
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: isUpper(byte)
        }
    }

    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
