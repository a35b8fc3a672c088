import Crypto
package import FoundationEssentials

/// A grant as it is kept.
package struct GrantRecord: Equatable, Sendable {
    /// What the client called itself when the person agreed; nil when it said nothing.
    package var clientName: String?
    package var created: Date
    package var machine: GrantMachine

    package init(clientName: String?, created: Date, machine: GrantMachine) {
        self.clientName = clientName
        self.created = created
        self.machine = machine
    }

    package var id: String { machine.id }

    /// For logs: the id is part of what its client holds.
    package var mark: String { String(SHA256.hash(data: Array(id.utf8)).hexadecimal.prefix(8)) }
}
