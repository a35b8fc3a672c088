/// From what was seen to what is found: each check by itself, then causes before symptoms.
package enum Judge {
    package static func findings(
        _ evidence: Evidence, checks: [Check], demands: Demands
    ) -> (findings: [ProbeReport.Finding], states: [(check: Check, state: ProbeReport.CheckState)]) {
        var judgements: [String: Check.Judgement] = [:]
        for check in CheckList.all { judgements[check.id] = check.judge(evidence, demands) }
        var findings: [ProbeReport.Finding] = []
        var states: [(check: Check, state: ProbeReport.CheckState)] = []
        for check in checks {
            switch judgements[check.id] {
            case .fine: states.append((check, .passed))
            case .notExamined, nil: states.append((check, .notExamined))
            case .found(let observation):
                if isExplained(check, judgements, []) {
                    states.append((check, .explained))
                } else {
                    states.append((check, .found))
                    findings.append(finding(check, observation, demands))
                }
            }
        }
        // The order of the list is that of causes; sorting keeps it.
        let sorted = findings.enumerated().sorted {
            ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset)
        }
        return (sorted.map(\.element), states)
    }

    private static func finding(
        _ check: Check, _ observation: Check.Observation, _ demands: Demands
    ) -> ProbeReport.Finding {
        let breaks = (observation.breaks ?? check.breaks).intersection(demands.clients)
        let weight = breaks.isEmpty ? (observation.weight ?? check.otherwise) : .error
        let ordered = ProbedClient.allCases.filter { breaks.contains($0) }
        return ProbeReport.Finding(check: check, weight: weight, saw: observation.saw, breaks: ordered)
    }

    /// Whether one of its causes was found, or one of theirs.
    private static func isExplained(
        _ check: Check, _ judgements: [String: Check.Judgement], _ seen: Set<String>
    ) -> Bool {
        guard !seen.contains(check.id) else { return false }
        return check.causes.contains { id in
            if case .found = judgements[id] { return true }
            guard let cause = CheckList.byID[id] else { return false }
            return isExplained(cause, judgements, seen.union([check.id]))
        }
    }
}
