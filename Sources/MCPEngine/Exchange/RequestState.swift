package import MCPProtocol

/// What a request that was answered with `input_required` has learned so far. The client carries it, sealed, from one
/// round to the next (2026-07-28, basic/patterns/mrtr), so that the server keeps nothing for retries that never come.
package struct RequestState: Equatable, Sendable {
    /// The client's answers by key, as they came.
    package var answers: [String: JSON]
    /// The keys that were asked with this state, and are not answered yet.
    package var asked: Set<String>
    /// What is to come back besides.
    package var carried: JSON?

    package init(answers: [String: JSON] = [:], asked: Set<String> = [], carried: JSON? = nil) {
        self.answers = answers
        self.asked = asked
        self.carried = carried
    }

    /// Takes what `inputResponses` answers of what was asked. Other keys are passed over, and what is missing stays
    /// asked (M-27).
    package mutating func take(_ responses: JSON?) {
        for key in asked {
            guard let answer = responses?[key] else { continue }
            answers[key] = answer.detached()
            asked.remove(key)
        }
    }
}

/// Why a sealed state cannot be used.
package enum RequestStateFault: Error, Equatable, Sendable {
    /// Not the text of a sealed state at all.
    case malformed
    /// Changed, or made for another request or another caller: which of them cannot be told, not even by us.
    case foreign
    case expired
    /// What is to be carried exceeds the bound.
    case tooLarge(limit: Int)

    package var error: RPCError {
        switch self {
        case .malformed:
            .invalidParams("requestState is damaged: send it back exactly as it was received")
        case .foreign:
            .invalidParams(
                "requestState does not belong to this request, or is damaged: send it back exactly as it was received, "
                    + "with the same method and params")
        case .expired:
            .invalidParams("requestState has expired: send the request again without it")
        case .tooLarge(let limit):
            .invalidParams("inputResponses are too large: all answers together may take \(limit) bytes as requestState")
        }
    }
}
