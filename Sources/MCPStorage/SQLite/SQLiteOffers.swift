import GRDB
package import MCPEngine
import MCPProtocol

extension SQLiteStore: OfferStore {
    package func keptOffer(of upstream: String) async throws -> KeptOffer? {
        try await read { db in
            let sql = "SELECT fingerprint, era, lists FROM upstream_offer WHERE upstream = ?"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [upstream]),
                let lists = try? JSON(parsing: Array((row["lists"] as String).utf8))
            else { return nil }
            let era: Era = row["era"] == "per_request" ? .perRequest : .handshake
            return KeptOffer(fingerprint: row["fingerprint"], era: era, lists: lists)
        }
    }

    package func keepOffer(_ offer: KeptOffer, of upstream: String) async throws {
        let era = offer.era == .perRequest ? "per_request" : "handshake"
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO upstream_offer (upstream, fingerprint, era, lists) VALUES (?, ?, ?, ?)
                    ON CONFLICT (upstream) DO UPDATE
                    SET fingerprint = excluded.fingerprint, era = excluded.era, lists = excluded.lists
                    """,
                arguments: [upstream, offer.fingerprint, era, offer.lists.description])
        }
    }
}
