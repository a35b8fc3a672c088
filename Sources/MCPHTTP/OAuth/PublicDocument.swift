import HTTPTypes
package import Hummingbird
package import MCPProtocol
import NIOCore

/// A JSON document that anyone may read, from any web page, and that nobody may keep: discovery must always be true.
package struct PublicDocument: Sendable {
    private let bytes: [UInt8]

    package init(_ json: JSON) { bytes = Array(json.bytes) }

    package func response(to request: Request) -> Response {
        switch request.method {
        case .get, .head:
            return Response(
                status: .ok, headers: Self.headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .options:
            var headers = Self.open
            headers[.accessControlAllowMethods] = "GET"
            headers[.accessControlAllowHeaders] = "MCP-Protocol-Version, Content-Type, Accept"
            headers[.accessControlMaxAge] = "600"
            return Response(status: .noContent, headers: headers)
        default:
            var headers = Self.headers
            headers[.allow] = "GET, HEAD, OPTIONS"
            let body = ByteBuffer(string: #"{"error":"method_not_allowed"}"#)
            return Response(status: .methodNotAllowed, headers: headers, body: ResponseBody(byteBuffer: body))
        }
    }

    /// Nothing in it depends on who asks, so no page is refused.
    private static let open: HTTPFields = [.accessControlAllowOrigin: "*"]
    private static let headers: HTTPFields = {
        var headers = open
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return headers
    }()
}
