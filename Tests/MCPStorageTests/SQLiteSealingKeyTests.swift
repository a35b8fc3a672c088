import FoundationEssentials
import MCPEngine
import MCPProtocol
import MCPTesting
import Testing

@testable import MCPStorage

@Suite struct SQLiteSealingKeyTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path + "/data" }
    private let state = RequestState(answers: ["who": ["name": "Ann"]], asked: ["when"])
    private let request = RequestStateBinding(principal: .local, method: "tools/call", params: ["name": "book"])

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func whatWasSealedIsOpenedAfterARestart() async throws {
        let text: String
        do {
            let store = try SQLiteStore(directory: path)
            text = try await RequestStateSealer(store: store).seal(state, for: request, at: .at(0))
            try store.close()
        }
        let sealer = RequestStateSealer(store: try SQLiteStore(directory: path))
        #expect(try await sealer.open(text, for: request, at: .at(1)) == state)
    }

    @Test func processesOnOneFileAgreeOnOneKeyAndOpenEachOthersStates() async throws {
        let stores = try (0..<4).map { _ in try SQLiteStore(directory: path) }
        let (request, state) = (request, state)
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for store in stores {
                group.addTask { try await RequestStateSealer(store: store).seal(state, for: request, at: .at(0)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try await stores[0].sealingKeys().count == 1)
        for store in stores {
            for text in texts {
                let opened = try await RequestStateSealer(store: store).open(text, for: request, at: .at(1))
                #expect(opened == state)
            }
        }
    }

    @Test func secretsLieInFilesForTheirOwnerOnly() async throws {
        let store = try SQLiteStore(directory: path)
        _ = try await SealingKeyRing(store: store, lifetime: .seconds(9)).current(at: .at(0))
        for file in try FileManager.default.contentsOfDirectory(atPath: path) {
            let mode = try FileManager.default.attributesOfItem(atPath: path + "/" + file)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o077 } == 0, "\(file)")
        }
    }
}
