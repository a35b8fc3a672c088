import MCPEngine
import MCPStorage
import MCPTesting
import Testing

@Suite struct SQLiteStoreContractTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(directory: directory.path)
    }

    @Test(arguments: StoreContract.sessions)
    func sessionsKeepTheContract(_ contract: StoreContract<any SessionStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.credentials)
    func credentialsKeepTheContract(_ contract: StoreContract<any CredentialStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.memories)
    func memoriesKeepTheContract(_ contract: StoreContract<any MemoryStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.tools)
    func memoryToolsWorkOnIt(_ contract: StoreContract<any MemoryStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.sealingKeys)
    func sealingKeysKeepTheContract(_ contract: StoreContract<any SealingKeyStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.tasks)
    func tasksKeepTheContract(_ contract: StoreContract<any TaskStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.users)
    func usersKeepTheContract(_ contract: StoreContract<any UserStore & SignInStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.clients)
    func clientsKeepTheContract(_ contract: StoreContract<any AuthorizationStore>) async throws {
        try await contract.check(store)
    }

    @Test(arguments: StoreContract.grants)
    func grantsKeepTheContract(_ contract: StoreContract<any AuthorizationStore>) async throws {
        try await contract.check(store)
    }
}
