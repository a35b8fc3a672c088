import MCPProtocol
import NIOHTTP1

/// What a 401 says.
struct Challenge: Sendable {
    var status: Int
    /// Of `WWW-Authenticate`.
    var schemes: [String]
    var resourceMetadata: String?
    var scope: String?

    init(_ reply: HTTPReply) {
        status = reply.status ?? 0
        let values = reply.headers["www-authenticate"]
        schemes = values.map { String($0.prefix { $0 != " " && $0 != "," }).lowercased() }
        let text = values.joined(separator: ", ")
        resourceMetadata = Self.parameter("resource_metadata", in: text)
        scope = Self.parameter("scope", in: text)
    }

    private static func parameter(_ name: String, in text: String) -> String? {
        var rest = text[...]
        while let found = rest.firstRange(of: name + "=") {
            let before = found.lowerBound == rest.startIndex ? " " : rest[rest.index(before: found.lowerBound)]
            rest = rest[found.upperBound...]
            guard before == " " || before == "," else { continue }
            if rest.hasPrefix("\"") { return String(rest.dropFirst().prefix { $0 != "\"" }) }
            return String(rest.prefix { $0 != "," && $0 != " " })
        }
        return nil
    }
}

struct Document: Sendable {
    enum Place: String, Sendable { case header, path, root, openID }

    var place: Place
    var url: String
    var reply: HTTPReply
    var json: JSON?

    var isThere: Bool { reply.status == 200 && json?.kind == .object }
}

struct AccessEvidence: Sendable {
    /// The answer to a client without a token.
    var open: Answer
    var challenge: Challenge?
    /// The answer to a client with a token that nobody issued.
    var wrongToken: Answer?
    var resource: [Document] = []
    var issuer: String?
    var server: [Document] = []
    var signIn: SignInEvidence?

    /// The document that clients use.
    var resourceDocument: Document? { resource.first(where: \.isThere) }
    var serverDocument: Document? { server.first(where: \.isThere) }
}

/// What clients find out about authorization, at every place where they look.
enum AccessInquiry {
    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard let opening = evidence.opening else { return }
        var open = opening.first.answer
        if evidence.hasBearer, open.status != 401 {
            var manner = Caller.Manner()
            manner.isAuthorized = false
            open = await caller.open(nil, manner).answer
        }
        var found = AccessEvidence(open: open)
        if let status = open.status, status == 401 || status == 403 { found.challenge = Challenge(open.reply) }
        found.resource = await resource(caller, found.challenge)
        let issuer = found.resourceDocument?.json?["authorization_servers"]?.elements?.first?.string
        found.issuer = issuer
        found.server = await server(caller, issuer ?? caller.target.origin)
        if found.challenge != nil {
            found.wrongToken = await wrongToken(caller)
            if let metadata = found.serverDocument?.json {
                found.signIn = await SignInInquiry.look(caller, metadata, isAggressive: evidence.isAggressive)
            }
        }
        evidence.access = found
    }

    private static func wrongToken(_ caller: Caller) async -> Answer {
        var manner = Caller.Manner()
        manner.isAuthorized = false
        manner.more = [("Authorization", "Bearer holdfast-probe-of-nobody")]
        return await caller.open(nil, manner).answer
    }

    private static func resource(_ caller: Caller, _ challenge: Challenge?) async -> [Document] {
        let target = caller.target
        var places: [(Document.Place, String)] = []
        if let url = challenge?.resourceMetadata, url.hasPrefix("http://") || url.hasPrefix("https://") {
            places.append((.header, url))
        }
        let well = "/.well-known/oauth-protected-resource"
        if target.path != "/" { places.append((.path, target.at(well + target.path))) }
        places.append((.root, target.at(well)))
        return await fetch(places, caller)
    }

    private static func server(_ caller: Caller, _ issuer: String) async -> [Document] {
        guard let target = ProbeTarget(issuer) else { return [] }
        let path = target.path == "/" ? "" : target.path.trimmingSlash
        var places: [(Document.Place, String)] = []
        for name in ["oauth-authorization-server", "openid-configuration"] {
            if !path.isEmpty { places.append((.path, target.at("/.well-known/\(name)\(path)"))) }
        }
        if !path.isEmpty { places.append((.openID, target.at("\(path)/.well-known/openid-configuration"))) }
        places.append((.root, target.at("/.well-known/oauth-authorization-server")))
        places.append((.openID, target.at("/.well-known/openid-configuration")))
        return await fetch(places, caller)
    }

    private static func fetch(_ places: [(Document.Place, String)], _ caller: Caller) async -> [Document] {
        await withTaskGroup { group in
            for (index, (place, url)) in places.enumerated() {
                group.addTask {
                    let reply = await caller.fetch(url, within: .seconds(11))
                    let json = reply.isSuccess ? try? JSON(parsing: reply.body) : nil
                    return (index, Document(place: place, url: url, reply: reply, json: json))
                }
            }
            return await group.reduce(into: [(Int, Document)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}

extension String {
    var trimmingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
