import HTTPTypes
import Hummingbird
import MCPEngine
import NIOCore

/// Server-sent events (WHATWG HTML, 9.2): one message is one event, its JSON on one `data:` line (H-12).
enum SSEEncoder {
    static func event(_ payload: [UInt8], id: EventID?) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(payload.count + 64)
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeStaticString("event: message\ndata: ")
        // JSON may be laid out over lines; an event's data line may not.
        if payload.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            buffer.writeBytes(payload.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
        } else {
            buffer.writeBytes(payload)
        }
        buffer.writeStaticString("\n\n")
        return buffer
    }

    /// An id without data: gives a client that loses the connection early a place to resume from (H-35).
    /// - Parameter retry: After what time it should, when that is known already.
    static func priming(_ id: EventID, retry: Duration? = nil) -> ByteBuffer {
        let hint = retry.map { "retry: \($0.milliseconds)\n" } ?? ""
        return ByteBuffer(string: "id: \(id)\n\(hint)data: \n\n")
    }

    /// The first event of the 2024-11-05 transport: where to POST (H-20).
    static func endpoint(_ uri: String) -> ByteBuffer {
        ByteBuffer(string: "event: endpoint\ndata: \(uri)\n\n")
    }

    static func comment(_ text: StaticString) -> ByteBuffer {
        ByteBuffer(string: ": \(text)\n\n")
    }

    static func retry(milliseconds: Int) -> ByteBuffer {
        ByteBuffer(string: "retry: \(milliseconds)\n\n")
    }
}

extension Response {
    /// Neither kept nor held back nor changed on its way (H-13).
    init(eventStream body: ResponseBody, headers: HTTPFields = [:]) {
        var fields = headers
        fields[.contentType] = "text/event-stream"
        fields[.cacheControl] = "no-cache, no-transform"
        fields[.accelBuffering] = "no"
        self.init(status: .ok, headers: fields, body: body)
    }
}
