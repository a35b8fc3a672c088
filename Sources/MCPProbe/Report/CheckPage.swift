/// The part of `Docs/Probe.md` that lists every check, as the program knows them.
package enum CheckPage {
    package static var markdown: String {
        var page = """
            ## Checks

            Each finding names its check. *Breaks* says in whom it is an error; for everyone else it weighs what stands
            behind. A finding that is explained by another one is left out.

            """
        for inquiry in Inquiry.allCases {
            let checks = CheckList.all.filter { $0.inquiry == inquiry }
            guard !checks.isEmpty else { continue }
            page += "\n### \(inquiry.title)\n"
            for check in checks { page += "\n" + entry(check) }
        }
        return page + "\n" + limits
    }

    private static func entry(_ check: Check) -> String {
        let clients = ProbedClient.allCases.filter { check.breaks.contains($0) }
        let whom: String
        switch clients.count {
        case 0: whom = "none by itself"
        case ProbedClient.allCases.count: whom = "everyone"
        case ProbedClient.real.count where !check.breaks.contains(.strict): whom = "every client"
        default: whom = ProbeReport.list(clients.map(\.name))
        }
        var parts = ["**`\(check.id)`** \(check.title). \(check.did) \(check.why)"]
        parts.append("*Breaks:* \(whom); otherwise \(check.otherwise.name). *Remedy:* \(check.remedy)")
        if let clause = check.clause { parts.append("*Clause:* \(clause).") }
        if !check.causes.isEmpty {
            parts.append("*Explained by:* \(check.causes.map { "`\($0)`" }.joined(separator: ", ")).")
        }
        let lines = parts.flatMap { $0.lines(within: 116) }
        return "- " + lines.joined(separator: "\n  ") + "\n"
    }

    private static var limits: String {
        var page = """
            ## Limits of clients

            | Client | What | Limit | Source | Confirmed |
            |---|---|---|---|---|

            """
        for limit in ClientLimit.table {
            let kind = limit.isHard ? "" : " (gets worse)"
            page += "| \(limit.client.name) | \(limit.measure.words) | \(Int(limit.value))\(kind) "
            page += "| \(limit.source) | \(limit.confirmed) |\n"
        }
        return page
    }
}

extension ClientLimit.Measure {
    var words: String {
        switch self {
        case .initializeSeconds: "seconds for initialize"
        case .listSeconds: "seconds for tools/list"
        case .tools: "tools of one server"
        case .definitionTokens: "tokens of all definitions (estimated)"
        case .resultCharacters: "characters of a result"
        case .resultTokens: "tokens of a result (estimated)"
        }
    }
}
