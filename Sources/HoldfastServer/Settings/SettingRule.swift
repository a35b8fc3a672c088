import FoundationEssentials
import MCPEngine

/// What a text must look like. Each rule returns nil for a good text and otherwise what would be right.
enum SettingRule {
    static func filled(_ text: String) -> String? {
        text.isEmpty || text.utf8.contains(0) ? "it must not be empty" : nil
    }

    static func host(_ text: String) -> String? {
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
        let good = !bare.isEmpty && bare.count <= 253 && bare.utf8.allSatisfy(isHostByte)
        return good ? nil : "give an address or a host name without a port, such as 127.0.0.1, ::1 or localhost"
    }

    static func path(_ text: String) -> String? {
        if ["/health", "/ready", "/metrics"].contains(text) { return "\(text) is taken; give another path" }
        let good =
            text.hasPrefix("/") && text.count > 1 && text.count <= 1_024 && !text.hasSuffix("/") && !text.contains("//")
            && text.utf8.allSatisfy { isWordByte($0) || "/._~-".utf8.contains($0) }
        return good ? nil : "give a path that begins with / and does not end with it, such as /mcp"
    }

    static func url(_ text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme.lowercased()),
            let host = url.host(), !host.isEmpty, url.query() == nil, url.fragment() == nil, url.user() == nil,
            !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f })
        else { return "give an http or https URL without a query, such as https://example.com/mcp" }
        return nil
    }

    /// Unlike ``url(_:)`` it may have a query: some servers take their key there.
    static func upstreamURL(_ text: String) -> String? {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme.lowercased()),
            let host = url.host(), !host.isEmpty, url.fragment() == nil, url.user() == nil, url.password() == nil,
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return "give an http or https URL without a user or a fragment, such as https://example.com/mcp" }
        return nil
    }

    static func bearer(_ text: String) -> String? {
        let good = (1...8_192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        return good ? nil : "give 1 to 8192 printable ASCII characters without spaces"
    }

    static func issuer(_ text: String) -> String? {
        guard let url = ResourceIdentifier(text), url.isHTTPS || AccessRule.isLoopback(url.host) else {
            return "give an https URL without a query, or http on a loopback address, such as https://login.example.com"
        }
        return nil
    }

    static func audience(_ text: String) -> String? {
        let good = (1...1_024).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        return good ? nil : "give 1 to 1024 printable ASCII characters without spaces"
    }

    static func scope(_ text: String) -> String? {
        ScopeSet.isScope(text) ? nil : "give a scope: printable ASCII without spaces, quotes and backslashes"
    }

    static func scopeMeaning(_ text: String) -> String? {
        ScopeMeaning(text) == nil
            ? "give a name, an equals sign and one scope or more, such as delete_*=files:write" : nil
    }

    static func variable(_ text: String) -> String? {
        let good = !text.isEmpty && text.utf8.allSatisfy { $0 != UInt8(ascii: "=") && $0 > 0x20 && $0 != 0x7f }
        return good ? nil : "give the name of a variable, such as GITHUB_TOKEN"
    }

    static func pattern(_ text: String) -> String? {
        let good = (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
        return good ? nil : "give the name of a tool, in which * stands for any part, such as get_*"
    }

    static func serverName(_ text: String) -> String? {
        let good =
            (1...128).contains(text.count) && !text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
        return good ? nil : "give 1 to 128 characters on one line"
    }

    static func instructions(_ text: String) -> String? {
        text.utf8.count <= 65_536 ? nil : "give at most 64KiB"
    }

    static func key(_ text: String) -> String? {
        let good = (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        return good ? nil : "give 1 to 512 printable ASCII characters without spaces"
    }

    static func origin(_ text: String) -> String? {
        if text == "*" || text == "null" { return nil }
        guard let url = URL(string: text), url.scheme != nil, let host = url.host(), !host.isEmpty, url.path().isEmpty,
            url.query() == nil, url.fragment() == nil, url.user() == nil
        else { return "give an origin: a scheme, a host and maybe a port, nothing after, such as https://example.com" }
        return nil
    }

    static func allowedHost(_ text: String) -> String? {
        let good = text == "*" || (!text.isEmpty && text.utf8.allSatisfy { isHostByte($0) || "[]".utf8.contains($0) })
        return good ? nil : "give a host name, with a port or without, such as example.com or example.com:8443"
    }

    static func documentHost(_ text: String) -> String? {
        let name = text.hasPrefix("*.") ? text.dropFirst(2) : text[...]
        let good =
            !name.isEmpty && name.count <= 253 && name.utf8.allSatisfy { isWordByte($0) || ".-".utf8.contains($0) }
        return good ? nil : "give a host name without a port, such as example.com, or *.example.com"
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool { isWordByte(byte) || ".-_:%".utf8.contains(byte) }
}
