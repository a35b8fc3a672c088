import MCPProtocol
import Testing

@Suite struct ProtocolVersionTests {
    @Test(
        arguments: [
            ("2024-11-05", .v2024_11_05), ("2025-03-26", .v2025_03_26), ("2025-06-18", .v2025_06_18),
            ("2025-11-25", .v2025_11_25), ("2026-07-28", .v2025_11_25), ("2099-01-01", .v2025_11_25),
            ("1.0", .v2025_11_25), ("", .v2025_11_25), (nil, .v2025_11_25),
        ] as [(String?, ProtocolVersion)])
    func initializeIsAnsweredWithTheSameVersionOrTheNewestItCanReach(requested: String?, answer: ProtocolVersion) {
        #expect(ProtocolVersion.negotiate(requested) == answer)
    }

    @Test func versionsAreOrderedAndOfOneEraEach() {
        #expect(ProtocolVersion.allCases.sorted() == ProtocolVersion.allCases)
        #expect(ProtocolVersion.handshakeVersions == [.v2025_11_25, .v2025_06_18, .v2025_03_26, .v2024_11_05])
        #expect(ProtocolVersion.perRequestVersions == [.v2026_07_28])
        #expect(ProtocolVersion.latestHandshake.era == .handshake)
        #expect(ProtocolVersion.v2026_07_28.era == .perRequest)
        #expect(ProtocolVersion.assumed == .v2025_03_26)
    }

    @Test func featuresBeginAndEndWithTheirVersions() {
        func having(_ feature: (ProtocolVersion) -> Bool) -> [ProtocolVersion] {
            ProtocolVersion.allCases.filter(feature)
        }
        let all = ProtocolVersion.allCases
        #expect(having(\.allowsBatches) == [.v2025_03_26])
        #expect(having(\.sendsPrimingEvent) == [.v2025_11_25])
        #expect(having(\.hasAnnotations) == Array(all[1...]))
        #expect(having(\.hasAudio) == Array(all[1...]))
        #expect(having(\.hasProgressMessage) == Array(all[1...]))
        #expect(having(\.hasTitle) == Array(all[2...]))
        #expect(having(\.hasOutputSchema) == Array(all[2...]))
        #expect(having(\.hasStructuredContent) == Array(all[2...]))
        #expect(having(\.hasResourceLinks) == Array(all[2...]))
        #expect(having(\.hasImplementationDetails) == Array(all[3...]))
        #expect(having(\.hasAnyStructuredContent) == Array(all[4...]))
    }
}
