import AsyncHTTPClient
import Foundation
import MCPProtocol
import NIOCore
import NIOHTTP1
import Synchronization

/// The transport of 2024-11-05: GET opens a stream whose first event names the place for POSTs, and all answers come on it.
struct TwoEndpoints: Sendable {
    private let visitor: Visitor

    init(_ visitor: Visitor) {
        self.visitor = visitor
    }

    func visit() async {
        var request = visitor.request(.GET, visitor.options.origin + "/sse")
        request.headers.replaceOrAdd(name: "Accept", value: "text/event-stream")
        do {
            let response = try await visitor.exchange(request)
            guard response.status == .ok else { return visitor.tally.fine("no HTTP+SSE") }
            try await converse(response.body)
        } catch {
            if !visitor.options.deploys { visitor.fault("HTTP+SSE broke: \(error)") }
        }
    }

    private func converse(_ body: HTTPClientResponse.Body) async throws {
        let owed = ["initialize", "tools/list", "tools/call"]
        var parser = SSEParser(limit: 8 << 20)
        var answered: Set<Int64> = []
        for try await piece in body {
            var events: [SSEEvent] = []
            _ = parser.add(piece.readableBytesView) { events.append($0) }
            for event in events {
                if event.name == "endpoint" {
                    let place = visitor.options.origin + String(decoding: event.data, as: UTF8.self)
                    for (number, method) in owed.enumerated() { await post(method, number, to: place) }
                } else if let id = (try? JSON(parsing: event.data))?["id"]?.integer {
                    if !answered.insert(id).inserted { visitor.fault("HTTP+SSE answered \(id) twice") }
                }
            }
            if answered.count == owed.count { return visitor.tally.fine("HTTP+SSE answered") }
        }
        if !visitor.options.deploys { visitor.fault("HTTP+SSE ended with \(answered.count) of \(owed.count) answers") }
    }

    private func post(_ method: String, _ number: Int, to place: String) async {
        var params: JSON = [:]
        switch method {
        case "initialize":
            params = [
                "protocolVersion": "2024-11-05", "capabilities": [:], "clientInfo": ["name": "old", "version": "1"],
            ]
        case "tools/call": params = ["name": "echo", "arguments": ["text": "old"]]
        default: break
        }
        let message = visitor.request(method, params, id: JSON(number))
        if let status = await visitor.status(visitor.post(message, place)), status != 202, !visitor.options.deploys {
            visitor.fault("a POST of HTTP+SSE got \(status)")
        }
    }
}
