import AsyncHTTPClient
import Foundation
import MCPProtocol
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What came of one step of signing in.
struct Step: Sendable, CustomStringConvertible {
    let status: Int
    let headers: HTTPHeaders
    let body: [UInt8]
    /// It came to nothing that was seen before, while the server was replaced: it may have been taken already.
    let wasTriedBefore: Bool

    var json: JSON? { try? JSON(parsing: body) }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// Without what is between angle brackets, where it is a page.
    var description: String {
        "\(status): " + text.replacing(/<style>[^<]*|<[^>]*>/, with: " ").split(separator: /\s+/).joined(separator: " ")
    }
    var error: String { json?["error"]?.string ?? "no error" }

    var tokens: Connection.Tokens? {
        guard status == 200, let json, let access = json["access_token"]?.string,
            let refresh = json["refresh_token"]?.string, json["token_type"]?.string == "Bearer",
            json["expires_in"]?.integer != nil
        else { return nil }
        return Connection.Tokens(access: access, refresh: refresh)
    }
}

extension Visitor {
    /// Nobody was there, for longer than a deploy takes.
    struct Away: Error {}

    /// Sends what needs no token, and waits as long as claude.ai does. While the server is replaced, again and again.
    func step(_ request: HTTPClientRequest, within seconds: Int64 = 10) async throws -> Step {
        var request = request
        request.headers.replaceOrAdd(name: "User-Agent", value: agent)
        if !request.headers.contains(name: "Accept") { request.headers.add(name: "Accept", value: "*/*") }
        for attempt in 0..<100 {
            do {
                let response = try await paced(request, within: seconds)
                let body = try await response.body.collect(upTo: 1 << 20)
                let status = Int(response.status.code)
                if !options.deploys || ![502, 503, 504].contains(status) {
                    tally.fine("signing in")
                    return Step(
                        status: status, headers: response.headers, body: Array(body.readableBytesView),
                        wasTriedBefore: attempt > 0)
                }
                tally.fine("\(status)")
                await rest(200)
            } catch {
                await broke(error)
                if !options.deploys { throw error }
            }
        }
        fault("nobody was there to sign in at")
        throw Away()
    }
}

extension HTTPClientRequest {
    static func form(_ url: String, _ fields: [(String, String)]) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: query(fields)))
        return request
    }

    static func query(_ fields: [(String, String)]) -> String {
        fields.map { "\(escape($0))=\(escape($1))" }.joined(separator: "&")
    }

    private static func escape(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
