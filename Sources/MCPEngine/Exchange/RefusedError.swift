import MCPProtocol

/// Why an exchange could not begin, and how that is said over HTTP.
struct RefusedError: Error {
    var error: RPCError
    var status: Int
    var reason: String

    static let stopping = RefusedError(
        error: RPCError(code: -32000, message: "The server is restarting; try again in a second"), status: 503,
        reason: "shutting_down")

    private static func tooMany(_ what: String) -> RefusedError {
        RefusedError(
            error: RPCError(code: -32000, message: "Too many requests in flight \(what); wait for one to finish"),
            status: 429, reason: "too_many_in_flight")
    }

    init(error: RPCError, status: Int, reason: String) {
        self.error = error
        self.status = status
        self.reason = reason
    }

    init(_ refusal: Ledger.Refusal) {
        switch refusal {
        case .shuttingDown: self = .stopping
        case .tooManyInFlight: self = Self.tooMany("for this principal")
        }
    }

    init(_ refusal: SessionMachine.Refusal, _ cause: DrainCause?) {
        switch refusal {
        case .tooManyInFlight: self = Self.tooMany("on this session")
        case .ending, .gone:
            guard cause?.endsSession == true else {
                self = .stopping
                return
            }
            self = RefusedError(
                error: RPCError(code: RPCError.Code.sessionNotFound, message: "The session has ended"), status: 404,
                reason: "ended_session")
        }
    }
}
