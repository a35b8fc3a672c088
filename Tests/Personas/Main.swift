import AsyncHTTPClient
import Foundation

/// Load as real clients make it, all of them at once, at a rate. Exit status 1 when an answer was lost or wrong.
@main struct Load {
    static func main() async throws {
        let options = Options(CommandLine.arguments.dropFirst())
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let tally = Tally()
        let cast = Personas.all.filter { options.only.isEmpty || options.only.contains($0.name) }
        let stage = Stage(
            options: options, http: http, pace: Pace(rate: options.rate), tally: tally,
            ledger: options.record.map(Ledger.init), keys: KeyPool(options.keys.dropFirst(Personas.all.count)))
        let began = ContinuousClock.now
        await run(cast, stage, until: began + .seconds(options.seconds))
        stage.ledger?.audit(tally)
        let seconds = began.duration(to: .now) / .seconds(1)
        try await http.shutdown()
        for fault in tally.faults { print(fault) }
        print(tally.report(seconds: seconds))
        exit(tally.faults.isEmpty && tally.requests > 0 ? 0 : 1)
    }

    private static func run(_ cast: [Personas.Persona], _ stage: Stage, until end: ContinuousClock.Instant) async {
        // Enough of them that a slow one holds nobody up.
        let visitors = max(cast.count, Int(stage.options.rate / 5))
        await withDiscardingTaskGroup { group in
            for number in 0..<visitors {
                group.addTask {
                    // Each in turn, from a place of its own in the order.
                    var place = number % cast.count
                    while ContinuousClock.now < end {
                        let persona = cast[place]
                        let credential = stage.options.key(of: place)
                        await persona.visit(
                            Visitor(persona.name, agent: persona.agent, credential: credential, stage: stage))
                        place = (place + 1) % cast.count
                    }
                }
            }
        }
    }
}
