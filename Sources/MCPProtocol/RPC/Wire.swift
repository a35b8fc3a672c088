/// Messages as bytes, each without a line break.
package enum Wire {
    package static func result(_ result: JSON, id: RequestID) -> [UInt8] {
        var writer = message(reserving: result.bytes.count)
        writer.name("id")
        id.write(to: &writer)
        writer.member("result", result)
        writer.endObject()
        return writer.bytes
    }

    /// `result`: the bytes of one object without line breaks, as ``JSONWriter`` leaves them.
    package static func result(raw result: [UInt8], id: RequestID) -> [UInt8] {
        var writer = message(reserving: result.count)
        writer.name("id")
        id.write(to: &writer)
        writer.name("result")
        writer.raw(result)
        writer.endObject()
        return writer.bytes
    }

    /// Without a readable id the answer has the id null in the handshake era and none in the other (H-05).
    package static func error(_ error: RPCError, id: RequestID?, era: Era) -> [UInt8] {
        var writer = message(reserving: error.message.utf8.count)
        if let id {
            writer.name("id")
            id.write(to: &writer)
        } else if era == .handshake {
            writer.name("id")
            writer.null()
        }
        writer.name("error")
        error.write(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    package static func notification(_ method: String, params: JSON? = nil) -> [UInt8] {
        var writer = message(reserving: params?.bytes.count ?? 0)
        writer.member("method", method)
        if let params { writer.member("params", params) }
        writer.endObject()
        return writer.bytes
    }

    /// `params`: the bytes of one object without line breaks, as ``JSONWriter`` leaves them.
    package static func notification(_ method: String, raw params: [UInt8]) -> [UInt8] {
        var writer = message(reserving: params.count)
        writer.member("method", method)
        writer.name("params")
        writer.raw(params)
        writer.endObject()
        return writer.bytes
    }

    package static func request(_ method: String, params: JSON? = nil, id: RequestID) -> [UInt8] {
        var writer = message(reserving: params?.bytes.count ?? 0)
        writer.name("id")
        id.write(to: &writer)
        writer.member("method", method)
        if let params { writer.member("params", params) }
        writer.endObject()
        return writer.bytes
    }

    private static func message(reserving capacity: Int) -> JSONWriter {
        var writer = JSONWriter(reserving: capacity + 96)
        writer.beginObject()
        writer.member("jsonrpc", "2.0")
        return writer
    }
}
