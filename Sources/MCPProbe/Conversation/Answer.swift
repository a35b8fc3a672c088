import MCPProtocol

/// What a reply means for the request that it is the reply to.
struct Answer: Sendable {
    /// A JSON-RPC error.
    struct Fault: Sendable {
        var code: Int64?
        var message: String
        var json: JSON
    }

    /// Why there is no answer.
    enum Absence: Sendable, Equatable {
        /// A 2xx with nothing in it.
        case empty
        /// A stream that ended, without the answer.
        case endedStream
        case broken(String)
        /// Nothing within the time.
        case late
        case unreadable(String)
        case tooLarge
    }

    enum Outcome: Sendable {
        case result(JSON)
        case error(Fault)
        /// A 202 or 204, for what needs no answer.
        case accepted
        /// Refused by HTTP status, with the error in the body if there was one.
        case refused(Int, Fault?)
        case nothing(Absence)
    }

    var outcome: Outcome
    var reply: HTTPReply
    var defects: [(Defect, String)] = []

    var result: JSON? { if case .result(let json) = outcome { json } else { nil } }
    var status: Int? { reply.status }

    /// An answer to this very request, whatever it says.
    var isAnswered: Bool {
        switch outcome {
        case .result, .error: true
        case .accepted, .refused, .nothing: false
        }
    }

    /// Neither a result nor silence.
    var isRefusal: Bool { result == nil && absence == nil }

    /// Something for people to look at, without a word of JSON-RPC.
    var isPage: Bool { !isAnswered && fault == nil && reply.mediaType == "text/html" }

    /// The error is one of JSON-RPC; others are what any web server may say.
    var isFaultOfRPC: Bool { fault?.json.kind == .object }

    /// The error of a refusal or of an answer.
    var fault: Fault? {
        switch outcome {
        case .error(let fault): fault
        case .refused(_, let fault): fault
        case .result, .accepted, .nothing: nil
        }
    }

    var absence: Absence? { if case .nothing(let absence) = outcome { absence } else { nil } }

    /// What came, for people.
    var words: String {
        switch outcome {
        case .result: return "a result"
        case .error(let fault):
            let code = fault.code.map { " \($0)" } ?? ""
            return "HTTP \(reply.status ?? 0) with the error\(code) \"\(Excerpt.of(fault.message, limit: 100))\""
        case .accepted: return "HTTP \(reply.status ?? 0) without a body"
        case .refused(let status, let fault?):
            let code = fault.code.map { "\($0) " } ?? ""
            return "HTTP \(status) (\(code)\(Excerpt.of(fault.message, limit: 100)))"
        case .refused(let status, nil):
            let excerpt = reply.excerpt
            return "HTTP \(status)" + (excerpt.isEmpty ? " without a body" : " (\(Excerpt.of(excerpt, limit: 80)))")
        case .nothing(let absence): return absence.words(reply)
        }
    }
}

extension Answer.Absence {
    func words(_ reply: HTTPReply) -> String {
        switch self {
        case .empty: "HTTP \(reply.status ?? 0) with nothing in it"
        case .endedStream: "HTTP \(reply.status ?? 0) and a stream that ended without the answer"
        case .broken(let words): reply.status.map { "HTTP \($0), then \(words)" } ?? words
        case .late: "no answer within \(reply.took.seconds)"
        case .unreadable(let words): "HTTP \(reply.status ?? 0) and a body that is no answer: \(words)"
        case .tooLarge: "an answer of more than 16 MiB, or of more than 20,000 events"
        }
    }
}

extension Duration {
    /// `1.25 s`, `340 ms`.
    var seconds: String {
        let milliseconds = inMilliseconds
        if milliseconds < 10 { return "\((milliseconds * 10).rounded() / 10) ms" }
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        return "\((milliseconds / 10).rounded() / 100) s"
    }

    var inMilliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
