/// The race as a picture: a lane for each request, DELETE as a line through all, what got lost in red.
enum RacePicture {
    private static let width = 720.0
    private static let laneHeight = 7.0
    private static let margin = (left: 8.0, right: 8.0, top: 26.0, bottom: 30.0)
    private static let most = 90

    /// Requests that were under way when DELETE came, and those right after it, by when they were sent.
    static func svg(_ race: RaceEvidence) -> String? {
        let near = race.trials.filter { $0.role.isAtTheSameTime || $0.role == .oldAtOnce || $0.role == .newAtOnce }
        // Those that went wrong are shown in any case.
        let bad = near.filter { $0.fate == .lost || $0.fate == .hung || $0.fate == .misrefused }.prefix(most)
        let good = near.filter { $0.fate == .answered || $0.fate == .refused }.prefix(most - bad.count)
        let shown = (bad + good).sorted { $0.sent < $1.sent }
        guard !shown.isEmpty else { return nil }
        let begins = shown.map(\.sent.inMilliseconds).sorted()
        let ends = shown.filter { $0.fate != .hung }.map(\.ended.inMilliseconds).sorted()
        // One that began early or took long must not squeeze all others.
        let first = begins[begins.count * 5 / 100]
        let usual = ends.isEmpty ? 50 : ends[min(ends.count - 1, ends.count * 95 / 100)]
        let (from, to) = (min(first, 0) - 1, max(usual * 1.08, 5))
        let scale = (width - margin.left - margin.right) / (to - from)
        func x(_ time: Double) -> Double { margin.left + (min(max(time, from), to) - from) * scale }

        let height = margin.top + Double(shown.count) * laneHeight + margin.bottom
        var svg = """
            <svg viewBox="0 0 \(number(width)) \(number(height))" role="img" aria-label="Requests around DELETE, one lane \
            each; \(race.count(.lost)) lost, \(race.count(.hung)) hung">
            """
        for tick in ticks(from, to) {
            svg += """
                <line class="tick" x1="\(number(x(tick)))" x2="\(number(x(tick)))" y1="\(number(margin.top - 4))" \
                y2="\(number(height - margin.bottom + 4))"/><text class="label" x="\(number(x(tick)))" \
                y="\(number(height - margin.bottom + 18))" text-anchor="middle">\(number(tick)) ms</text>
                """
        }
        for (lane, trial) in shown.enumerated() {
            let y = margin.top + Double(lane) * laneHeight + 1
            let (start, end) = (x(trial.sent.inMilliseconds), x(trial.fate == .hung ? to : trial.ended.inMilliseconds))
            svg += """
                <rect class="\(trial.fate.rawValue)" x="\(number(start))" y="\(number(y))" \
                width="\(number(max(end - start, 2)))" height="\(number(laneHeight - 2))" rx="1.5"><title>\
                \(HTMLText.escape("round \(trial.round), \(trial.role.words): \(trial.fate.words), \(trial.saw)"))\
                </title></rect>
                """
        }
        svg += """
            <line class="delete" x1="\(number(x(0)))" x2="\(number(x(0)))" y1="\(number(margin.top - 8))" \
            y2="\(number(height - margin.bottom + 4))"/><text class="name" x="\(number(x(0) + 5))" y="18">DELETE sent\
            </text></svg>
            """
        return svg
    }

    private static func ticks(_ from: Double, _ to: Double) -> [Double] {
        let steps: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
        let step = steps.first { (to - from) / $0 <= 7 } ?? 20_000
        var ticks: [Double] = []
        var at = (from / step).rounded(.up) * step
        while at <= to {
            ticks.append(at == 0 ? 0 : at)
            at += step
        }
        return ticks
    }

    private static func number(_ value: Double) -> String {
        let rounded = value.rounded(to: 1)
        return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
    }
}

extension RaceEvidence.Role {
    var words: String {
        switch self {
        case .list: "tools/list, with DELETE"
        case .call: "tools/call, with DELETE"
        case .delete: "DELETE"
        case .oldAtOnce: "tools/list on the old session, at once"
        case .newAtOnce: "on a new session, at once"
        case .oldLater: "tools/list on the old session, 2 s later"
        case .newLater: "tools/list on the new session, 2 s later"
        case .stream: "the stream that is listened on"
        }
    }
}

enum HTMLText {
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
