/// How grave a finding is.
package enum Weight: Int, Sendable, CaseIterable, Comparable {
    case note, warning, error

    package var name: String {
        switch self {
        case .note: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }

    package static func < (a: Weight, b: Weight) -> Bool { a.rawValue < b.rawValue }
}

/// What becomes of the tools in a client that a finding breaks.
package enum Effect: Sendable {
    /// They do not appear.
    case hides
    /// They appear, and answers or tools get lost.
    case loses
}

/// One thing that is looked at: what it is and why it matters as data, how it is judged as a pure function of what was
/// seen.
package struct Check: Sendable {
    package enum Judgement: Sendable {
        case fine
        /// There was nothing to judge.
        case notExamined
        case found(Observation)
    }

    package struct Observation: Sendable {
        /// What was seen.
        package var saw: String
        /// In whom it breaks something, if that depends on what was seen.
        package var breaks: Set<ProbedClient>?
        /// At least so grave, whoever minds.
        package var weight: Weight?
    }

    /// Stable: `session.unknown-id`.
    package let id: String
    /// The fault as a headline.
    package let title: String
    package let inquiry: Inquiry
    package let did: String
    package let why: String
    package let remedy: String
    /// Where the protocol says so, if it does.
    package let clause: String?
    /// In whom an error.
    package let breaks: Set<ProbedClient>
    package let effect: Effect
    /// For everyone else.
    package let otherwise: Weight
    /// Checks whose finding explains this one, which is then left out.
    package let causes: [String]
    let judge: @Sendable (Evidence, Demands) -> Judgement

    init(
        _ id: String, _ title: String, in inquiry: Inquiry, did: String, why: String, remedy: String,
        clause: String? = nil, breaks: Set<ProbedClient> = [], effect: Effect = .hides, otherwise: Weight = .warning,
        causes: [String] = [], judge: @escaping @Sendable (Evidence, Demands) -> Judgement
    ) {
        (self.id, self.title, self.inquiry) = (id, title, inquiry)
        (self.did, self.why, self.remedy, self.clause) = (did, why, remedy, clause)
        (self.breaks, self.effect, self.otherwise, self.causes) = (breaks, effect, otherwise, causes)
        self.judge = judge
    }
}

extension Check.Judgement {
    static func found(_ saw: String, breaks: Set<ProbedClient>? = nil, weight: Weight? = nil) -> Check.Judgement {
        .found(Check.Observation(saw: saw, breaks: breaks, weight: weight))
    }

    /// Found when there is something to say.
    static func found(if saw: String?) -> Check.Judgement { saw.map { .found($0) } ?? .fine }

    /// The same, at least so grave.
    func weighing(_ weight: Weight) -> Check.Judgement {
        guard case .found(var observation) = self else { return self }
        observation.weight = weight
        return .found(observation)
    }

    /// Found when there are cases, the first few of which are named.
    static func found(_ cases: [String]) -> Check.Judgement {
        guard !cases.isEmpty else { return .fine }
        let rest = cases.count > 5 ? "; and \(cases.count - 5) more" : ""
        return .found(cases.prefix(5).joined(separator: "; ") + rest)
    }
}
