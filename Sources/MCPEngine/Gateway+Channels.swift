import MCPProtocol

/// What a channel that carries messages both ways needs of the gateway, beyond what a POST needs.
extension Gateway {
    /// Answers whatever still works for `log` with `error`, which cancels it.
    func settle(_ log: EventLog, _ error: RPCError, as outcome: Exchange.Outcome) {
        for exchange in ledger.exchanges where exchange.log === log { exchange.fail(error, as: outcome) }
    }

    /// Ends a session whose channel has ended: as DELETE does, but nobody can come and ask for it again.
    func end(_ session: Session) async {
        _ = session.drain(.delete)
        await forget(session.key)
    }
}
