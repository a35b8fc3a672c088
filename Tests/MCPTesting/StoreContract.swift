package import FoundationEssentials
import MCPEngine

/// One behaviour that every implementation of a store shows, on a store that nothing else uses.
package struct StoreContract<Store>: Sendable, CustomStringConvertible {
    package let description: String
    package let check: @Sendable (Store) async throws -> Void

    package init(_ description: String, _ check: @escaping @Sendable (Store) async throws -> Void) {
        self.description = description
        self.check = check
    }
}

/// A behaviour that a store did not show.
package struct ContractViolation: Error, CustomStringConvertible {
    package var description: String
}

func same<T: Equatable>(
    _ actual: T, _ expected: T, _ meaning: String = "", file: String = #fileID, line: Int = #line
) throws {
    guard actual != expected else { return }
    throw ContractViolation(description: "\(file):\(line): \(meaning) is \(actual), not \(expected)")
}

func conflict(file: String = #fileID, line: Int = #line, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as StoreError {
        return try same(error.kind, .conflict, "the error", file: file, line: line)
    }
    throw ContractViolation(description: "\(file):\(line): no conflict was reported")
}

extension Date {
    /// A moment of the time that tests live in: seconds from its beginning.
    package static func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_800_000_000 + seconds) }
}
