/// What may stand in a header (RFC 9110, 5.1 and 5.5), of what we send.
enum HeaderText {
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
                default: false
                }
            }
    }

    static func isValue(_ text: String) -> Bool { text.utf8.allSatisfy { 0x20...0x7E ~= $0 || $0 == 0x09 } }

    /// Session ids and tokens (H-40).
    static func isVisible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 8192 && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// Set by the transport, or meaningful to one connection only.
    static func isOurs(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("mcp-")
            || [
                "accept", "connection", "content-length", "content-type", "expect", "host", "keep-alive",
                "last-event-id", "te", "trailer", "transfer-encoding", "upgrade",
            ].contains(name)
    }
}
