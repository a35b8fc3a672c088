import Foundation

/// What the load is, and where it goes.
struct Options: Sendable {
    var url = "http://127.0.0.1:8080/mcp"
    /// One for each persona, in their order and around again; what is left over is for P9, two at a time.
    var keys: [String] = []
    /// People who sign in, through the applications of P1 and P3.
    var users: [String] = []
    var password = ""
    /// Under which URL applications have their documents; without one they register themselves.
    var documents: String?
    /// Where the tool `record` of the server is to leave its lines.
    var record: String?
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
                case "--key": keys.append(value)
                case "--user": users.append(value)
                case "--password": password = value
                case "--documents": documents = value
                case "--record": record = value
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
            usage: personas [--url URL] [--key KEY]… [--user NAME]… [--password PASSWORD] [--documents URL] [--record FILE]
                            [--rate N] [--seconds N] [--front] [--deploys] [--only P1,P2,…]

            """
        FileHandle.standardError.write(Data(text.utf8))
        exit(64)
    }

    /// Of the same host.
    var origin: String { String(url.prefix(url.utf8.count - path.utf8.count)) }

    var path: String {
        let host = url.drop { $0 != "/" }.dropFirst(2)
        return String(host.drop { $0 != "/" })
    }

    func key(of place: Int) -> Credential { keys.isEmpty ? .none : .key(keys[place % keys.count]) }
}
