/// Which HTTP status a JSON-RPC error has: the only such table (H-83, §1.9).
package enum StatusTable {
    /// - Parameter ladder: The error was found before any handler ran (H-82). What a handler answers is 200, but for the
    ///   two codes that the per-request era wants as 400 from everywhere.
    package static func status(for code: Int, era: Era, ladder: Bool) -> Int {
        switch (era, code) {
        case (.perRequest, RPCError.Code.missingCapability), (.perRequest, RPCError.Code.unsupportedVersion): 400
        case _ where !ladder: 200
        // In the handshake era 404 means the session (H-42). The ladder gives it to an unknown method only where there
        // is no session (E-31).
        case (_, RPCError.Code.methodNotFound): 404
        case (.handshake, RPCError.Code.sessionNotFound): 404
        case (_, RPCError.Code.internalError): 500
        default: 400
        }
    }
}
