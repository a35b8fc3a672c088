import MCPProtocol

/// Why an exchange could not begin, and how that is said over HTTP.
struct RefusedError: Error {
    var error: RPCError
    var status: Int
    var reason: String

    static func stopping(in era: Era) -> RefusedError {
        RefusedError(
            error: .unavailable("The server is restarting; try again in a second", in: era), status: 503,
            reason: "shutting_down")
    }

    private static func tooMany(_ what: String, in era: Era) -> RefusedError {
        RefusedError(
            error: .unavailable("Too many requests in flight \(what); wait for one to finish", in: era), status: 429,
            reason: "too_many_in_flight")
    }

    init(error: RPCError, status: Int, reason: String) {
        self.error = error
        self.status = status
        self.reason = reason
    }

    init(_ refusal: Ledger.Refusal, in era: Era) {
        switch refusal {
        case .shuttingDown: self = .stopping(in: era)
        case .tooManyInFlight: self = .tooMany("for this principal", in: era)
        }
    }

    init(_ refusal: SessionMachine.Refusal, _ cause: DrainCause?) {
        switch refusal {
        case .tooManyInFlight: self = .tooMany("on this session", in: .handshake)
        case .ending, .gone:
            guard cause?.endsSession == true else {
                self = .stopping(in: .handshake)
                return
            }
            self = RefusedError(
                error: RPCError(code: RPCError.Code.sessionNotFound, message: "The session has ended"), status: 404,
                reason: "ended_session")
        }
    }
}
