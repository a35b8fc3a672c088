import MCPProtocol

/// What a probe found.
package struct ProbeReport: Sendable {
    package enum Outcome: String, Sendable {
        case clean, findings, unreachable

        package var exitStatus: Int32 {
            switch self {
            case .clean: 0
            case .findings: 1
            case .unreachable: 2
            }
        }
    }

    package struct Finding: Sendable {
        package var check: Check
        package var weight: Weight
        package var saw: String
        /// In whom it is an error.
        package var breaks: [ProbedClient]

        var breaksAll: Bool { Set(breaks) == ProbedClient.real }
        /// In whom it breaks something, for people; nil when in nobody.
        var whom: String? {
            if breaks.isEmpty { return nil }
            return breaksAll ? "every client" : ProbeReport.list(breaks.map(\.name))
        }
    }

    package enum CheckState: String, Sendable {
        case passed, found
        /// Another finding is the cause.
        case explained
        /// It was not looked at, or there was nothing to look at.
        case notExamined = "not-examined"
    }

    package var url: String
    package var client: ProbedClient?
    package var began: String
    package var took: Duration
    package var evidence: Evidence
    package var findings: [Finding]
    package var states: [(check: Check, state: CheckState)]

    package func findings(_ weight: Weight) -> [Finding] { findings.filter { $0.weight == weight } }

    package var outcome: Outcome {
        if evidence.isUnreachable { return .unreachable }
        // What is only noted is nothing to mend.
        return findings.contains { $0.weight > .note } ? .findings : .clean
    }

    package var isComplete: Bool { !states.contains { $0.state == .notExamined && $0.check.inquiry == .opening } }

    /// One sentence.
    package var verdict: String {
        if evidence.isUnreachable { return "Nothing answers at \(url): \(findings.first?.saw ?? "no connection")" }
        let errors = findings(.error)
        let hiding = errors.filter { $0.check.effect == .hides }
        guard let first = (hiding.isEmpty ? errors : hiding).widest else { return calm }
        let more = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        let effect = first.check.effect == .hides ? "Tools will not appear in" : "Tools or answers can get lost in"
        let whom = first.breaksAll ? "any client" : Self.list(first.breaks.map(\.name))
        return "\(effect) \(whom): \(first.check.title.loweredFirst)\(more)"
    }

    private var calm: String {
        let whom = client.map(\.name) ?? "any client known to the probe"
        if findings.contains(where: { $0.check.id == "access.token-needed" }) {
            return "The server asks for a token; what it says to those who have none is in order"
        }
        if evidence.opening != nil, !evidence.canTalk, let first = findings.first(where: { $0.weight > .note }) {
            return "The tools were not seen: \(first.check.title.loweredFirst)"
        }
        switch findings(.warning).count {
        case 0: return "Nothing was found that keeps tools from appearing in \(whom)"
        case 1: return "Tools should appear in \(whom), with one warning"
        case let count: return "Tools should appear in \(whom), with \(count) warnings"
        }
    }

    static func list(_ names: [String]) -> String {
        guard names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + names[names.count - 1]
    }
}

extension [ProbeReport.Finding] {
    /// The one that breaks most clients; of several the first.
    fileprivate var widest: ProbeReport.Finding? {
        self.first { finding in finding.breaks.count == map(\.breaks.count).max() }
    }
}

extension String {
    /// For the middle of a sentence; words that have capitals of their own keep them.
    var loweredFirst: String {
        guard let first, first.isUppercase, let second = dropFirst().first, !second.isUppercase, second != "H" else {
            return self
        }
        let names = ["DELETE", "PKCE", "JSON", "Claude", "OpenAI"]
        if names.contains(where: { hasPrefix($0) }) { return self }
        return first.lowercased() + dropFirst()
    }
}
