import MCPProtocol
import NIOHTTP1

/// What came back for one request, as far as it came, and when. Times are from the start of the probe.
struct HTTPReply: Sendable {
    enum End: Sendable, Equatable {
        /// It ended as it should.
        case complete
        /// Enough was seen, and the rest was not waited for.
        case stopped
        /// Not at its end when the time was up.
        case late
        /// More than the probe keeps.
        case tooLarge
        /// The connection broke, or what came is not HTTP.
        case broken(Trouble)
    }

    /// Why a connection is of no use.
    enum Trouble: Sendable, Equatable {
        case unreachable(String)
        case tls(String)
        case closed(String)
        case notHTTP(String)

        var words: String {
            switch self {
            case .unreachable(let words), .tls(let words), .closed(let words), .notHTTP(let words): words
            }
        }
    }

    var sent: Duration
    var status: Int?
    var headers = HTTPHeaders()
    var headAt: Duration?
    var firstByteAt: Duration?
    var ended: Duration
    var body: [UInt8] = []
    var end: End
    /// Events of the body, if it is a stream of them.
    var events: [SSEEvent] = []
    var comments = 0
    /// When the first of its events and comments came, a time for each.
    var arrivals: [Duration] = []
    var lastEventID: String?
    /// Its last event has no end.
    var hasUnfinishedEvent = false

    init(sent: Duration) {
        self.sent = sent
        ended = sent
        end = .late
    }

    /// From the request to the first byte of the response.
    var firstByte: Duration? { headAt.map { $0 - sent } }
    var took: Duration { ended - sent }
    var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }

    /// The first header of that name.
    func header(_ name: String) -> String? { headers.first(name: name) }

    /// What all headers of that name list, in lower case.
    func list(_ name: String) -> [String] { headers[canonicalForm: name].map { $0.lowercased() } }

    /// In lower case, without parameters.
    var mediaType: String? {
        header("content-type").map {
            $0.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
    }

    var isEventStream: Bool { mediaType == "text/event-stream" }

    /// Why there is no response, for people.
    var silence: String {
        if case .broken(let trouble) = end { trouble.words } else { "no answer within \(took.seconds)" }
    }

    /// The body as text, shortened, on one line.
    var excerpt: String { Excerpt.of(body) }
}

/// What a server sent, made fit to be shown: short, on one line, without control characters.
enum Excerpt {
    static func of(_ bytes: [UInt8], limit: Int = 160) -> String {
        of(String(decoding: bytes.prefix(limit * 4), as: UTF8.self), limit: limit)
    }

    static func of(_ text: String, limit: Int = 160) -> String {
        var words = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return words + "…" }
            count += 1
            // Controls, and those that turn the direction of what follows.
            let isPlain =
                scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
                && !(0x200B...0x200F).contains(scalar.value) && !(0x2028...0x202E).contains(scalar.value)
                && !(0x2066...0x2069).contains(scalar.value)
            words.unicodeScalars.append(isPlain ? scalar : " ")
        }
        return words
    }
}
