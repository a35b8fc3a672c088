/// A report as one page that needs nothing besides itself: no script, no font, no network.
package enum PageReport {
    package static func html(_ report: ProbeReport) -> String {
        let findings = report.findings.filter { $0.weight > .note }.map { show($0) }.joined()
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Probe of \(escape(report.url))</title>
            <style>\(style)</style>
            </head>
            <body>
            <main>
            <header class="\(tone(report))">
            <p class="url">\(escape(report.url))</p>
            <h1>\(escape(report.verdict)).</h1>
            <p class="when">Probed \(escape(report.began))\(report.client.map { " as \(escape($0.name))" } ?? "") in \
            \(report.took.seconds).</p>
            </header>
            \(findings.isEmpty ? "" : "<h2>Findings</h2>\(findings)")
            \(race(report))
            \(notes(report))
            <h2>What was seen</h2>
            <dl class="facts">\(report.facts.map { "<dt>\(escape($0.0))</dt><dd>\(escape($0.1))</dd>" }.joined())</dl>
            \(checks(report))
            <footer>Made by holdfast probe. What each check is: Docs/Probe.md of Holdfast.</footer>
            </main>
            </body>
            </html>

            """
    }

    private static func escape(_ text: String) -> String { HTMLText.escape(text) }

    private static func tone(_ report: ProbeReport) -> String {
        switch report.outcome {
        case .clean: "good"
        case .unreachable: "error"
        case .findings: report.findings(.error).isEmpty ? "warning" : "error"
        }
    }

    private static func show(_ finding: ProbeReport.Finding) -> String {
        let check = finding.check
        var rows = [("Did", check.did), ("Saw", finding.saw), ("Why", check.why)]
        if let clause = check.clause { rows.append(("Clause", clause)) }
        rows.append(("Remedy", check.remedy))
        let whom = finding.whom.map { "<p class=\"whom\">Breaks \(escape($0))</p>" } ?? ""
        let list = rows.map { "<dt>\($0.0)</dt><dd>\(escape($0.1))</dd>" }.joined()
        return """
            <article class="\(finding.weight.name)">
            <p class="tag"><span>\(finding.weight.name)</span> <code>\(escape(check.id))</code></p>
            <h3>\(escape(check.title))</h3>\(whom)
            <dl>\(list)</dl>
            </article>

            """
    }

    private static func race(_ report: ProbeReport) -> String {
        guard let race = report.evidence.race, race.rounds > 0, let picture = RacePicture.svg(race) else { return "" }
        let counts = RaceEvidence.Fate.allCases.map {
            "<li class=\"\($0.rawValue)\"><b>\(race.count($0))</b> \($0.words)</li>"
        }.joined()
        return """
            <h2>The DELETE race</h2>
            <p>\(race.rounds) sessions were ended while requests ran: each lane is a request, from its sending to its end, \
            in the time of its session's DELETE. The same again: <code>--seed \(race.seed)</code>, as far as \
            timing allows.</p>
            <ul class="legend">\(counts)</ul>
            <figure>\(picture)</figure>

            """
    }

    private static func notes(_ report: ProbeReport) -> String {
        let notes = report.findings(.note)
        guard !notes.isEmpty else { return "" }
        let count = notes.count == 1 ? "1 note" : "\(notes.count) notes"
        return "<details><summary>\(count), nothing that must be mended</summary>"
            + "\(notes.map { show($0) }.joined())</details>"
    }

    private static func checks(_ report: ProbeReport) -> String {
        let rows = report.states.map { check, state in
            "<li class=\"\(state.rawValue)\"><code>\(escape(check.id))</code> <span>\(words(state))</span></li>"
        }.joined()
        return
            "<details><summary>All \(report.states.count) checks</summary><ul class=\"checks\">\(rows)</ul></details>"
    }

    private static func words(_ state: ProbeReport.CheckState) -> String {
        switch state {
        case .passed: "passed"
        case .found: "found"
        case .explained: "explained by another finding"
        case .notExamined: "not examined"
        }
    }

    private static let style = """
        :root{--ink:#1b1f24;--soft:#57606a;--ground:#fbfaf8;--card:#fff;--line:#dfe2e6;--error:#c62828;--warning:#a06000;\
        --note:#2563a8;--good:#1e7a3c;--answered:#3b9a5c;--refused:#8a949e;--misrefused:#d08a00;--lost:#d32f2f}
        @media(prefers-color-scheme:dark){:root{--ink:#e7e9ec;--soft:#9aa4ae;--ground:#14171a;--card:#1c2024;--line:#32383e;\
        --error:#ff7b72;--warning:#e3a03c;--note:#79b8ff;--good:#62c783;--answered:#4cae6e;--refused:#6e7781;\
        --misrefused:#d99a2b;--lost:#ff5a52}}
        *{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:46rem;margin:0 auto;padding:1.25rem}header{border-left:.4rem solid var(--soft);padding:.1rem 0 .1rem 1rem}
        header.error{border-color:var(--error)}header.warning{border-color:var(--warning)}header.good{border-color:var(--good)}
        .url{margin:0;color:var(--soft);font-size:.95rem;overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.25;\
        margin:.3rem 0;text-wrap:balance}h2{font-size:1.15rem;margin:2rem 0 .75rem}.when{margin:0;color:var(--soft);font-size:.9rem}
        article{background:var(--card);border:1px solid var(--line);border-left:.3rem solid var(--note);border-radius:.4rem;\
        padding:.9rem 1rem;margin:0 0 .9rem}article.error{border-left-color:var(--error)}\
        article.warning{border-left-color:var(--warning)}
        .tag{margin:0;font-size:.85rem;color:var(--soft)}.tag span{font-weight:600;color:var(--note)}\
        .error .tag span{color:var(--error)}.warning .tag span{color:var(--warning)}h3{margin:.15rem 0;font-size:1.05rem}
        .whom{margin:.1rem 0;font-size:.9rem;color:var(--error)}dl{margin:.5rem 0 0;display:grid;\
        grid-template-columns:5.5rem 1fr;gap:.25rem .75rem;font-size:.92rem}dt{color:var(--soft)}dd{margin:0;\
        overflow-wrap:anywhere}code{font:0.92em ui-monospace,monospace}
        figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.4rem;padding:.5rem;overflow-x:auto}
        svg{display:block;width:100%;min-width:26rem;height:auto}.tick{stroke:var(--line)}.label,.name{font:12px system-ui,\
        sans-serif;fill:var(--soft)}.name{fill:var(--ink);font-weight:600}.delete{stroke:var(--ink);stroke-width:2}
        rect.answered{fill:var(--answered)}rect.refused{fill:var(--refused)}rect.misrefused{fill:var(--misrefused)}\
        rect.lost,rect.hung{fill:var(--lost)}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:.5rem 0;font-size:.92rem}\
        .legend li::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin-right:.4em;\
        background:var(--refused)}.legend .answered::before{background:var(--answered)}.legend .misrefused::before\
        {background:var(--misrefused)}.legend .lost::before,.legend .hung::before{background:var(--lost)}
        details{margin:1.5rem 0}summary{cursor:pointer;margin-bottom:.75rem}.checks{list-style:none;padding:0;columns:17rem;font-size:.88rem}\
        .checks span{color:var(--soft)}.checks .found span{color:var(--warning)}footer{color:var(--soft);font-size:.85rem;\
        margin:2rem 0 1rem}
        @media(max-width:30rem){svg{min-width:0}.label,.name{font-size:22px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}h1{font-size:1.3rem}}
        """
}
