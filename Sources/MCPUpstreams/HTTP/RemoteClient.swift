import AsyncHTTPClient
import FoundationEssentials
import MCPEngine
import NIOCore
import NIOHTTP1
import Synchronization

/// Makes round trips to one server: knows what is sent with each of them, and which are under way.
final class RemoteClient: Sendable {
    private struct State {
        var trips: [ObjectIdentifier: HTTPRoundTrip] = [:]
        var isWatching = false
        /// The headers that every request has, and the token among them.
        var headers: (fields: HTTPHeaders, token: String?)?
    }

    let server: RemoteServer
    let origin: String
    private let state = Mutex(State())
    /// How often those under way are looked at.
    private let watch: TimeAmount

    init(_ server: RemoteServer) {
        self.server = server
        origin = server.origin
        let shortest = min(server.limits.connect, server.limits.firstByte, server.limits.idle)
        watch = TimeAmount(max(.milliseconds(10), min(.seconds(1), shortest / 8)))
    }

    /// Whether another request may be sent.
    var hasRoom: Bool { state.withLock { $0.trips.count < server.limits.connections } }

    /// The headers that every request has, and the token among them. May block the first time.
    func headers() throws(LinkFailure) -> (fields: HTTPHeaders, token: String?) {
        if let headers = state.withLock({ $0.headers }) { return headers }
        var fields = HTTPHeaders()
        for (name, value) in server.headers { fields.add(name: name, value: value) }
        var token: String?
        if let credentials = server.credentials {
            do throws(LinkProblem) {
                token = try credentials.current()
            } catch {
                throw LinkFailure(.unreachable, mayHaveBegun: false, "nothing was sent: \(error.message)")
            }
        }
        if let token { fields.replaceOrAdd(name: "Authorization", value: "Bearer \(token)") }
        let headers = (fields, token)
        state.withLock { $0.headers = headers }
        return headers
    }

    /// Looks for another token after the server refused `used`. Blocks.
    func renewCredentials(after used: String) -> Bool {
        guard server.credentials?.renew(after: used) == true else { return false }
        state.withLock { $0.headers = nil }
        return true
    }

    // MARK: What is under way

    func add(_ trip: HTTPRoundTrip) {
        let isFirst = state.withLock { state in
            state.trips[ObjectIdentifier(trip)] = trip
            defer { state.isWatching = true }
            return !state.isWatching
        }
        if isFirst { lookLater() }
    }

    func remove(_ trip: HTTPRoundTrip) {
        _ = state.withLock { $0.trips.removeValue(forKey: ObjectIdentifier(trip)) }
    }

    private func lookLater() {
        _ = HTTPConnections.loops.any().scheduleTask(in: watch) {
            let trips = self.state.withLock { state in
                state.isWatching = !state.trips.isEmpty
                return Array(state.trips.values)
            }
            if trips.isEmpty { return }
            let now = NIODeadline.now()
            for trip in trips { trip.check(now) }
            self.lookLater()
        }
    }
}

/// Where requests go: made once, because taking a URL apart is dear.
struct HTTPTarget: Sendable {
    let url: URL
    private let get: HTTPClient.Request
    private let post: HTTPClient.Request
    private let delete: HTTPClient.Request

    enum Verb { case get, post, delete }

    init(_ url: URL) throws(LinkFailure) {
        do {
            self.url = url
            get = try HTTPClient.Request(url: url, method: .GET)
            post = try HTTPClient.Request(url: url, method: .POST)
            delete = try HTTPClient.Request(url: url, method: .DELETE)
        } catch {
            throw LinkFailure(.unreachable, mayHaveBegun: false, "nothing can be sent to that address")
        }
    }

    func request(_ verb: Verb) -> HTTPClient.Request {
        switch verb {
        case .get: get
        case .post: post
        case .delete: delete
        }
    }

    /// Where a redirect leads, when it changes neither the method nor the origin.
    func redirected(by head: HTTPResponseHead) -> HTTPTarget? {
        guard head.status == .temporaryRedirect || head.status == .permanentRedirect,
            let location = head.headers.first(name: "location"),
            let url = URL(string: location, relativeTo: url)?.absoluteURL, let origin = Origin(url),
            origin == Origin(self.url)
        else { return nil }
        return try? HTTPTarget(url)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
