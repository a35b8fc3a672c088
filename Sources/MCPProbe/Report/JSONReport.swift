import MCPProtocol

/// A report for programs. Its form is `Docs/probe-report.schema.json`; members are added, never changed.
package enum JSONReport {
    package static func text(_ report: ProbeReport) -> String {
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.member("schema", 1)
        writer.member("url", report.url)
        writer.member("as", report.client?.rawValue ?? "all")
        writer.member("began", report.began)
        writer.member("seconds", (report.took.inMilliseconds / 1000).rounded(to: 3))
        writer.member("outcome", report.outcome.rawValue)
        writer.member("verdict", report.verdict)
        writer.name("findings")
        writer.beginArray()
        for finding in report.findings { write(finding, &writer) }
        writer.endArray()
        writer.name("checks")
        writer.beginArray()
        for (check, state) in report.states {
            writer.beginObject()
            writer.member("id", check.id)
            writer.member("state", state.rawValue)
            writer.endObject()
        }
        writer.endArray()
        writer.name("server")
        server(report, &writer)
        if let race = report.evidence.race {
            writer.name("race")
            write(race, &writer)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func write(_ finding: ProbeReport.Finding, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", finding.check.id)
        writer.member("weight", finding.weight.name)
        writer.member("title", finding.check.title)
        writer.name("breaks")
        writer.beginArray()
        for client in finding.breaks { writer.value(client.rawValue) }
        writer.endArray()
        writer.member("did", finding.check.did)
        writer.member("saw", finding.saw)
        writer.member("why", finding.check.why)
        if let clause = finding.check.clause { writer.member("clause", clause) }
        writer.member("remedy", finding.check.remedy)
        writer.endObject()
    }

    private static func server(_ report: ProbeReport, _ writer: inout JSONWriter) {
        let evidence = report.evidence
        let opened = evidence.opening?.opened
        writer.beginObject()
        if let info = opened?.answer.result?["serverInfo"], info.kind == .object {
            if let name = info["name"]?.string { writer.member("name", Excerpt.of(name)) }
            if let version = info["version"]?.string { writer.member("version", Excerpt.of(version)) }
        }
        if let version = opened?.version { writer.member("negotiated", Excerpt.of(version)) }
        writer.member("perRequestEra", evidence.isPerRequest)
        writer.member("sessionIDs", evidence.hasSession)
        if let tools = evidence.tools, tools.first?.result != nil {
            writer.member("tools", tools.definitions.count)
            writer.member("toolPages", tools.pages.count)
            writer.member("toolBytes", tools.bytes)
            writer.member("toolTokensEstimated", tools.estimatedTokens)
        }
        let times: [(String, Duration?)] = [
            ("initializeColdMs", evidence.opening?.first.answer.reply.firstByte),
            ("initializeWarmMs", evidence.opening?.warm?.answer.reply.firstByte),
            ("listMs", evidence.tools?.first?.reply.firstByte),
        ]
        for case (let name, let time?) in times { writer.member(name, time.inMilliseconds.rounded(to: 2)) }
        writer.endObject()
    }

    private static func write(_ race: RaceEvidence, _ writer: inout JSONWriter) {
        writer.beginObject()
        // A seed may be beyond what readers of JSON take for exact.
        writer.member("seed", String(race.seed))
        writer.member("rounds", race.rounds)
        writer.member("listening", race.listening.count)
        writer.member("spreadMs", race.spread.inMilliseconds.rounded(to: 2))
        if let tool = race.tool { writer.member("tool", Excerpt.of(tool)) }
        for fate in RaceEvidence.Fate.allCases { writer.member(fate.rawValue, race.count(fate)) }
        writer.name("requests")
        writer.beginArray()
        for trial in race.trials {
            writer.beginObject()
            writer.member("round", trial.round)
            writer.member("role", trial.role.rawValue)
            writer.member("fate", trial.fate.rawValue)
            writer.member("sentMs", trial.sent.inMilliseconds.rounded(to: 2))
            writer.member("endedMs", trial.ended.inMilliseconds.rounded(to: 2))
            writer.member("saw", trial.saw)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}

extension Double {
    func rounded(to places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
