import MCPEngine
import MCPProtocol
import Synchronization

/// The answer that came, to be looked at when its stream is over.
final class Asked: Sendable {
    private let kept = Mutex<(message: JSON?, question: JSON?)>((nil, nil))

    var message: JSON? { kept.withLock { $0.message } }
    /// The result that asks for input, if it was one.
    var question: JSON? { kept.withLock { $0.question } }

    func keep(_ message: JSON) { kept.withLock { $0.message = message } }

    /// A question counts as the answer that it is; anything else is judged.
    func note(_ message: JSON, _ judge: Judge) {
        guard let result = message["result"], result["resultType"]?.string == "input_required" else {
            return judge.answer(message, id: judge.ticket.nonce)
        }
        kept.withLock { $0 = (message, result) }
        judge.asked(message, id: judge.ticket.nonce)
    }
}

extension Judge {
    /// The request was answered with a question.
    func asked(_ message: JSON, id: Int) {
        let count = ticket.answered()
        ticket.ask()
        run.witness.expect(count == 1, "\(ticket) was answered \(count) times")
        run.witness.expect(message["id"]?.integer == Int64(id), "\(ticket) got another's question")
        for question in message["result"]?["inputRequests"]?.members ?? [] {
            let meant = question.value["params"]?["for"]?.string ?? ticket.principal.id
            run.witness.expect(meant == ticket.principal.id, "\(ticket) was asked the question of \(meant)")
        }
        let isShared = ticket.kind.isBehind && run.plan.behind?.isPipe == true
        let mayAsk = ticket.kind == .ask || ticket.kind == .question || isShared
        run.witness.expect(mayAsk, "\(ticket) was answered with a question")
        run.witness.reach("input required")
    }
}
