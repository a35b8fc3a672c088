import MCPProtocol

/// A report for a terminal: the verdict first, then each finding by weight.
package struct TextReport {
    private let report: ProbeReport
    private let hasColors: Bool
    private let width: Int

    /// - Parameter width: Of the terminal; lines are not longer than can be read with ease.
    package static func text(_ report: ProbeReport, hasColors: Bool, width: Int = 100) -> String {
        TextReport(report: report, hasColors: hasColors, width: min(max(width, 40), 100)).text
    }

    private enum Color: String {
        case red = "31"
        case yellow = "33"
        case green = "32"
        case blue = "36"
        case bold = "1"
        case dim = "2"
    }

    private func paint(_ text: String, _ color: Color) -> String {
        hasColors ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    private var text: String {
        var lines = (report.verdict + ".").lines(within: width).map { paint($0, verdictColor) } + [""]
        for weight in Weight.allCases.reversed() {
            for finding in report.findings(weight) { lines += show(finding) + [""] }
        }
        lines += facts
        return lines.joined(separator: "\n") + "\n"
    }

    private var verdictColor: Color {
        switch report.outcome {
        case .clean: .green
        case .findings: report.findings(.error).isEmpty ? .yellow : .red
        case .unreachable: .red
        }
    }

    private func show(_ finding: ProbeReport.Finding) -> [String] {
        let check = finding.check
        let color: Color = [.error: .red, .warning: .yellow, .note: .blue][finding.weight] ?? .blue
        let name = finding.weight.name.uppercased()
        let title = check.title.lines(within: width - name.count - 1).map { paint($0, .bold) }
        var lines = [
            paint(name, color) + " " + title.joined(separator: "\n" + String(repeating: " ", count: name.count + 1))
        ]
        // A note is only noted.
        let isGrave = finding.weight > .note
        if let whom = finding.whom { lines += row("breaks", whom) }
        if isGrave { lines += row("did", check.did) }
        lines += row("saw", finding.saw)
        if isGrave { lines += row("why", check.why) }
        if isGrave, let clause = check.clause { lines += row("clause", clause) }
        return lines + row("remedy", check.remedy) + row("check", check.id)
    }

    private func row(_ name: String, _ words: String) -> [String] {
        let indent = 9
        let lines = words.lines(within: width - indent)
        return lines.enumerated().map { number, line in
            let head = number == 0 ? name : ""
            return "  " + paint(head + String(repeating: " ", count: indent - 2 - head.count), .dim) + line
        }
    }

    private var facts: [String] {
        report.facts.flatMap { name, words in
            "\(name): \(words)".lines(within: width - 2).enumerated().map { $0 == 0 ? $1 : "  " + $1 }
        }
    }
}

extension ProbeReport {
    /// What is worth knowing besides findings, in order.
    var facts: [(String, String)] {
        var facts: [(String, String)] = []
        let opened = evidence.opening?.opened
        if let info = opened?.answer.result?["serverInfo"] {
            let name = Excerpt.of(info["name"]?.string ?? "?", limit: 60)
            facts.append(("Server", "\(name) \(Excerpt.of(info["version"]?.string ?? "", limit: 40))"))
        }
        var spoken: [String] = evidence.isPerRequest ? ["2026-07-28"] : []
        let versions = (evidence.eras?.versions ?? []).filter { $0.version == $0.asked }.map(\.asked)
        spoken += Set(versions + [opened?.version].compactMap { $0 }).sorted(by: >)
        if !spoken.isEmpty {
            facts.append(("Versions", spoken.map { Excerpt.of($0, limit: 20) }.joined(separator: ", ")))
        }
        if opened != nil { facts.append(("Sessions", evidence.hasSession ? "with ids" : "without ids")) }
        if let tools = evidence.tools, tools.first?.result != nil {
            facts.append(
                (
                    "Tools",
                    "\(tools.definitions.count), \(tools.bytes) bytes, about \(tools.estimatedTokens) tokens (estimated)"
                ))
        }
        let times = [
            ("initialize", evidence.opening?.first.answer.reply.firstByte),
            ("initialize again", evidence.opening?.warm?.answer.reply.firstByte),
            ("tools/list", evidence.tools?.first?.reply.firstByte),
        ].compactMap { name, time in time.map { "\(name) \($0.seconds)" } }
        if !times.isEmpty { facts.append(("First byte", times.joined(separator: ", "))) }
        if let race = evidence.race, race.rounds > 0 {
            let fates = RaceEvidence.Fate.allCases.map { "\(race.count($0)) \($0.words)" }.joined(separator: ", ")
            facts.append(
                (
                    "DELETE race",
                    "\(race.rounds) rounds, \(race.listening.count) of them beside an open stream, \(race.requests) "
                        + "requests: \(fates); seed \(race.seed)"
                ))
        }
        let states = Dictionary(grouping: self.states, by: \.state).mapValues(\.count)
        facts.append(
            (
                "Checks",
                "\(states[.passed] ?? 0) passed, \(states[.found] ?? 0) found something, "
                    + "\((states[.notExamined] ?? 0) + (states[.explained] ?? 0)) did not apply; \(took.seconds)"
            ))
        return facts
    }
}

extension RaceEvidence.Fate {
    var words: String {
        switch self {
        case .answered: "answered"
        case .refused: "refused properly"
        case .misrefused: "refused badly"
        case .lost: "lost"
        case .hung: "hung"
        }
    }
}
