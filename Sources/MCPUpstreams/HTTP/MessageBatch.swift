import MCPEngine
import MCPProtocol

extension Message {
    /// The messages in what a server sent: one, or in 2025-03-26 an array of them (H-30).
    static func all(in bytes: [UInt8]) throws(LinkFailure) -> [Message] {
        do {
            let json = try JSON(parsing: bytes)
            guard let elements = json.elements else { return [try Message(json)] }
            return try elements.map { try Message($0) }
        } catch let error as Malformed {
            throw LinkFailure(
                .malformed, mayHaveBegun: true, "what came is no JSON-RPC message: \(error.error.message)")
        } catch {
            throw LinkFailure(.malformed, mayHaveBegun: true, "what came is not JSON")
        }
    }
}
