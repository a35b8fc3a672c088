/// An error that goes on the wire, as the `error` of a JSON-RPC response.
public struct RPCError: Error, Sendable, Equatable {
    /// JSON-RPC's −32768 to −32000 are reserved; a tool's own codes lie outside (M-31).
    public var code: Int
    /// One sentence for a person. Nothing internal: it leaves the process.
    public var message: String
    /// What a program may want to know beside the message.
    public var data: JSON?

    public init(code: Int, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    /// Reads the `error` of a response.
    package init(_ json: JSON, at path: String = "error") throws(ShapeError) {
        let reader = try ShapeReader(json, at: path)
        guard let code = try reader.integer("code") else { throw reader.error("code", "an integer") }
        self.init(code: code, message: try reader.string("message"), data: json["data"])
    }

    package enum Code {
        package static let parseError = -32700
        package static let invalidRequest = -32600
        package static let methodNotFound = -32601
        package static let invalidParams = -32602
        package static let internalError = -32603
        package static let requestCancelled = -32800
        /// A session id that is not, or no longer, known (H-41).
        package static let sessionNotFound = -32001
        /// Of a resource in the handshake era (M-04).
        package static let resourceNotFound = -32002
        package static let headerMismatch = -32020
        package static let missingCapability = -32021
        package static let unsupportedVersion = -32022
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        if let data { writer.member("data", data) }
        writer.endObject()
    }
}

extension RPCError {
    /// −32700: no JSON.
    public static func parseError(_ message: String) -> RPCError {
        RPCError(code: Code.parseError, message: message)
    }

    /// −32600: JSON, but nothing that can be done now.
    public static func invalidRequest(_ message: String) -> RPCError {
        RPCError(code: Code.invalidRequest, message: message)
    }

    /// −32601: there is no such method here.
    public static func methodNotFound(_ method: String) -> RPCError {
        RPCError(code: Code.methodNotFound, message: "Method not found: \(method.prefix(128))")
    }

    /// −32602: the parameters are wrong, or name something that is not there.
    public static func invalidParams(_ message: String) -> RPCError {
        RPCError(code: Code.invalidParams, message: message)
    }

    /// −32603: the fault lies with the server.
    public static func internalError(_ message: String) -> RPCError {
        RPCError(code: Code.internalError, message: message)
    }

    package static let requestCancelled = RPCError(code: Code.requestCancelled, message: "The request was cancelled")
    package static let sessionNotFound = RPCError(code: Code.sessionNotFound, message: "Session not found")

    /// The code depends on the era (M-04, M-31).
    package static func resourceNotFound(_ uri: String, in era: Era) -> RPCError {
        RPCError(
            code: era == .handshake ? Code.resourceNotFound : Code.invalidParams,
            message: "Resource not found: \(uri.prefix(256))", data: ["uri": JSON(uri)])
    }

    /// Not now: the server is full or about to stop. The handshake era has a code that servers may use as they like; the
    /// other wants it left alone (M-31).
    package static func unavailable(_ message: String, in era: Era) -> RPCError {
        RPCError(code: era == .handshake ? -32000 : Code.internalError, message: message)
    }

    /// A header that is missing, or says something else than the body.
    package static func headerMismatch(_ message: String) -> RPCError {
        RPCError(code: Code.headerMismatch, message: message)
    }

    /// `required`: shaped like the client's capabilities (H-81).
    package static func missingCapability(_ required: JSON) -> RPCError {
        RPCError(
            code: Code.missingCapability, message: "The client lacks a capability that this needs",
            data: ["requiredCapabilities": required])
    }

    package static func unsupportedVersion(requested: String, supported: [ProtocolVersion]) -> RPCError {
        RPCError(
            code: Code.unsupportedVersion, message: "Unsupported protocol version: \(requested.prefix(64))",
            data: ["supported": JSON(supported.map { JSON($0.rawValue) }), "requested": JSON(requested)])
    }
}
