import AsyncHTTPClient
import Foundation

/// Load as real clients make it, all of them at once, at a rate. Exit status 1 when an answer was lost or wrong.
@main struct Load {
    static func main() async throws {
        let options = Options(CommandLine.arguments.dropFirst())
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let tally = Tally()
        let last = Visitor(
            persona: "count", agent: "personas/1", options: options, http: http, pace: Pace(rate: 1_000), tally: tally)
        // A server behind has no such tool, and a restarted server begins anew.
        let first = options.isFront || options.deploys ? nil : await last.number()
        let began = ContinuousClock.now
        await run(options, http, tally, until: began + .seconds(options.seconds))
        if let first, let number = await last.number(), number - first != tally.countedCalls + 1 {
            tally.fault("count", "\(number - first - 1) calls were carried out, and \(tally.countedCalls) answered")
        }
        let seconds = began.duration(to: .now) / .seconds(1)
        try await http.shutdown()
        for fault in tally.faults { print(fault) }
        print(tally.report(seconds: seconds))
        exit(tally.faults.isEmpty && tally.requests > 0 ? 0 : 1)
    }

    private static func run(
        _ options: Options, _ http: HTTPClient, _ tally: Tally, until end: ContinuousClock.Instant
    ) async {
        let pace = Pace(rate: options.rate)
        let cast = Personas.all.filter { options.only.isEmpty || options.only.contains($0.name) }
        // Enough of them that a slow one holds nobody up.
        let visitors = max(cast.count, Int(options.rate / 5))
        await withDiscardingTaskGroup { group in
            for number in 0..<visitors {
                group.addTask {
                    // Each in turn, from a place of its own in the order.
                    var place = number % cast.count
                    while ContinuousClock.now < end {
                        let persona = cast[place]
                        let visitor = Visitor(
                            persona: persona.name, agent: persona.agent, options: options, http: http, pace: pace,
                            tally: tally)
                        await persona.visit(visitor)
                        place = (place + 1) % cast.count
                    }
                }
            }
        }
    }
}
