import MCPProtocol
import Testing

@Suite struct ClassifierFuzzTests {
    static let versions = ["", "2026-07-28", "2025-11-25", "2025-03-26", "2027-01-01", "foo", "2025-11-25, 2026-07-28"]

    @Test(arguments: [11, 12, 13] as [UInt64])
    func damagedRequestsAreServedOrRefusedWithAStatusOfTheTable(seed: UInt64) {
        var mutator = Mutator(random: SplitMix64(seed: seed))
        let seeds = (ClassifierTests.requests + ClassifierTests.bodies).map { Array($0.body.utf8) }
        var refused = 0
        for round in 0..<3_000 {
            let body = round % 4 == 0 ? seeds[round % seeds.count] : mutator.mutate(seeds[round % seeds.count])
            let version = String(
                decoding: mutator.mutate(Array((Self.versions.randomElement(using: &mutator.random) ?? "").utf8)),
                as: UTF8.self)
            let headers = RequestHeaders(
                protocolVersion: Bool.random(using: &mutator.random)
                    ? [version] : [Self.versions.randomElement(using: &mutator.random) ?? ""],
                method: "tools/call", name: [version])
            let tolerance: Tolerance = round % 2 == 0 ? [] : .contradictoryVersions
            switch Classifier.classify(body, headers: round % 5 == 0 ? nil : headers, tolerance: tolerance) {
            case .handshake(let inbound):
                #expect(!inbound.messages.isEmpty)
                #expect(inbound.isBatch || inbound.messages.count == 1)
            case .perRequest(let inbound):
                #expect(inbound.version.era == .perRequest)
                #expect(inbound.capabilities.kind == .object)
            case .rejected(let rejection):
                refused += 1
                let status = StatusTable.status(for: rejection.error.code, era: rejection.era, ladder: true)
                #expect(rejection.status == status)
                #expect([400, 404].contains(status))
                #expect([-32700, -32600, -32601, -32602, -32020, -32022].contains(rejection.error.code))
            }
        }
        #expect(refused > 500)
    }
}
