/// A JSON-RPC 2.0 message as MCP has it: parameters, if any, are an object.
package enum Message: Sendable {
    case request(Request)
    case notification(Notification)
    case response(Response)

    package init(_ json: JSON) throws(Malformed) {
        guard json.kind == .object else { throw Malformed("A message must be a JSON object") }
        let method = json["method"]
        let isResponse = method == nil && (json["result"] != nil || json["error"] != nil)
        let rawID = json["id"]
        let id = rawID.flatMap { RequestID($0) }

        func malformed(_ message: String) -> Malformed { Malformed(message, id: isResponse ? nil : id) }

        guard json["jsonrpc"]?.stringEquals("2.0") == true else { throw malformed("\"jsonrpc\" must be \"2.0\"") }
        if isResponse {
            self = .response(try Response(json, rawID: rawID, id: id))
            return
        }
        guard let method else { throw malformed("A message must have \"method\", \"result\" or \"error\"") }
        guard let method = method.string else { throw malformed("\"method\" must be a string") }
        var params = json["params"]
        if params?.isNull == true { params = nil }
        if let params, params.kind != .object { throw malformed("\"params\" must be an object") }
        if let id {
            self = .request(Request(id: id, method: method, params: params))
        } else if rawID == nil {
            self = .notification(Notification(method: method, params: params))
        } else {
            throw malformed("\"id\" must be a string or an integer")
        }
    }

    /// `params._meta`.
    package var meta: JSON? {
        switch self {
        case .request(let request): request.meta
        case .notification(let notification): notification.params?["_meta"]
        case .response: nil
        }
    }
}

/// JSON that is not a message, with the id of the request it was meant to be, when that can be read (H-11).
package struct Malformed: Error, Sendable, Equatable {
    package var error: RPCError
    package var id: RequestID?

    package init(_ message: String, id: RequestID? = nil) {
        error = .invalidRequest(message)
        self.id = id
    }
}

package struct Request: Sendable {
    package var id: RequestID
    package var method: String
    package var params: JSON?

    package init(id: RequestID, method: String, params: JSON? = nil) {
        self.id = id
        self.method = method
        self.params = params
    }

    package var meta: JSON? { params?["_meta"] }
    package var progressToken: ProgressToken? { meta?["progressToken"].flatMap { ProgressToken($0) } }
}

package struct Notification: Sendable {
    package var method: String
    package var params: JSON?

    package init(method: String, params: JSON? = nil) {
        self.method = method
        self.params = params
    }
}

/// Either `result` or `error` is there.
package struct Response: Sendable {
    /// Nil in an error about a message whose id could not be read.
    package var id: RequestID?
    package var result: JSON?
    package var error: JSON?

    package init(id: RequestID?, result: JSON?, error: JSON?) {
        self.id = id
        self.result = result
        self.error = error
    }

    fileprivate init(_ json: JSON, rawID: JSON?, id: RequestID?) throws(Malformed) {
        (result, error) = (json["result"], json["error"])
        self.id = id
        if result != nil, error != nil { throw Malformed("A response has either \"result\" or \"error\"") }
        if let error, error.kind != .object { throw Malformed("\"error\" must be an object") }
        if id == nil, result != nil || rawID?.isNull == false {
            throw Malformed("The \"id\" of a response must be a string or an integer")
        }
    }
}
