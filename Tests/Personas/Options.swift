import Foundation

/// What the load is, and where it goes.
struct Options: Sendable {
    var url = "http://127.0.0.1:8080/mcp"
    var key: String?
    /// Requests a second, all personas together.
    var rate = 50.0
    var seconds = 10.0
    /// Whether a server of the handshake era with its own tools stands behind.
    var isFront = false
    /// Whether the server may be restarted meanwhile: then connections may break, and are made again.
    var deploys = false
    /// Personas by name; all of them when empty.
    var only: Set<String> = []

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let name = rest.popFirst() {
            switch name {
            case "--front": isFront = true
            case "--deploys": deploys = true
            default:
                guard let value = rest.popFirst() else { Self.usage() }
                switch name {
                case "--url": url = value
                case "--key": key = value
                case "--rate": rate = Double(value) ?? rate
                case "--seconds": seconds = Double(value) ?? seconds
                case "--only": only = Set(value.split(separator: ",").map(String.init))
                default: Self.usage()
                }
            }
        }
    }

    private static func usage() -> Never {
        let text = """
            usage: personas [--url URL] [--key KEY] [--rate N] [--seconds N] [--front] [--deploys] [--only P1,P2,…]

            """
        FileHandle.standardError.write(Data(text.utf8))
        exit(64)
    }

    /// Of a path on the same host.
    func url(_ path: String) -> String {
        guard let root = url.range(of: "/", range: url.index(url.startIndex, offsetBy: 8)..<url.endIndex) else {
            return url + path
        }
        return url[..<root.lowerBound] + path
    }
}
