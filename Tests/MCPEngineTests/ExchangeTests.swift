import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@Suite struct ExchangeTests {
    private func exchange(token: JSON? = nil, log: EventLog, level: LogLevel = .info) throws -> Exchange {
        var params: [(String, JSON)] = [("name", "t")]
        if let token { params.append(("_meta", .object([("progressToken", token)]))) }
        let text = JSON.object([("jsonrpc", "2.0"), ("id", 1), ("method", "tools/call"), ("params", .object(params))])
        guard case .request(let request) = try Message(text) else { throw RPCError.internalError("not a request") }
        let client = Client(
            principal: .local, capabilities: .none,
            envelope: ResultEnvelope(version: .v2025_11_25, serverInfo: nil), logLevel: { level })
        return Exchange(key: ExchangeKey(1), request: request, client: client, log: log)
    }

    private func messages(_ log: EventLog) async throws -> [JSON] {
        var position = 0
        var messages: [JSON] = []
        while case .event(let event) = await log.next(for: .first, after: position) {
            position = event.position
            messages.append(try JSON(parsing: event.payload))
        }
        return messages
    }

    @Test func ofTwoAnswersTheFirstCounts() async throws {
        let log = EventLog(owed: 1)
        let exchange = try exchange(log: log)
        #expect(exchange.succeed(Array("{}".utf8)))
        #expect(!exchange.fail(.internalError("too late")))
        #expect(try await messages(log).map { $0["result"] != nil } == [true])
        #expect(exchange.outcome == .result)
    }

    @Test func manyWaysToEndAtOnceMakeOneAnswer() async throws {
        for _ in 0..<200 {
            let log = EventLog(owed: 1)
            let exchange = try exchange(log: log)
            let wins = await withTaskGroup(of: Bool.self) { group in
                group.addTask { exchange.succeed(Array("{}".utf8)) }
                group.addTask { exchange.fail(.requestCancelled, as: .cancelled) }
                group.addTask { exchange.succeed(Array("{}".utf8), as: .timeout) }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wins == 1)
            #expect(try await messages(log).count == 1)
        }
    }

    @Test func anAnswerFromOutsideCancelsTheWorkAndWaitsForIt() async throws {
        let log = EventLog(owed: 1)
        let exchange = try exchange(log: log)
        let started = EventLog(owed: 1)
        let cancelled = Tally()
        let host = SessionHost()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            _ = host.start { interrupt in
                await exchange.run(interrupt) {
                    started.answer([])
                    // Ends only because it is cancelled.
                    _ = await EventLog(owed: 1).next(for: .first, after: 0)
                    if Task.isCancelled { cancelled.raise() }
                }
            }
            _ = await started.next(for: .first, after: 0)
            exchange.fail(.requestCancelled, as: .cancelled)
            host.stop()
            await group.waitForAll()
        }
        #expect(cancelled.count == 1)
        #expect(try await messages(log).first?["error"]?["code"]?.integer == -32800)
    }

    @Test func progressGrowsKeepsItsTokenAndStopsAtTheAnswer() async throws {
        let log = EventLog(owed: 1)
        let exchange = try exchange(token: "p", log: log)
        exchange.progress(1, total: 3, message: "one")
        exchange.progress(1, total: 3, message: "not more")
        exchange.progress(.nan, total: nil, message: nil)
        exchange.progress(2, total: nil, message: nil)
        exchange.succeed(Array("{}".utf8))
        exchange.progress(3, total: nil, message: nil)
        let seen = try await messages(log)
        #expect(seen.count == 3)
        #expect(seen[0]["params"]?["progressToken"]?.string == "p")
        #expect(seen[0]["params"]?["message"]?.string == "one")
        #expect(seen[1]["params"]?["progress"]?.number == 2)
    }

    @Test func inABatchNothingOfAnExchangeFollowsItsOwnAnswer() async throws {
        let log = EventLog(owed: 2)
        let exchange = try exchange(token: 7, log: log)
        exchange.succeed(Array("{}".utf8))
        exchange.progress(1, total: nil, message: nil)
        exchange.log(.error, "late", logger: nil)
        log.finish()
        #expect(try await messages(log).map { $0["method"]?.string } == [nil])
    }

    @Test func withoutATokenThereIsNoProgress() async throws {
        let log = EventLog(owed: 1)
        let exchange = try exchange(log: log)
        exchange.progress(1, total: nil, message: nil)
        exchange.succeed(Array("{}".utf8))
        #expect(try await messages(log).count == 1)
    }

    @Test func theClientsLevelDecidesWhatIsLogged() async throws {
        let log = EventLog(owed: 1)
        let exchange = try exchange(log: log, level: .warning)
        exchange.log(.info, "quiet", logger: nil)
        exchange.log(.error, "loud", logger: "l")
        exchange.succeed(Array("{}".utf8))
        let seen = try await messages(log)
        #expect(seen.count == 2)
        #expect(seen[0]["params"]?["data"]?.string == "loud")
    }
}
