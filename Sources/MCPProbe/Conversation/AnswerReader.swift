import MCPProtocol

/// Reads a reply as leniently as any client does, and notes what the strict ones would trip over.
struct AnswerReader {
    private let reply: HTTPReply
    private let id: JSON?
    private let isPrimed: Bool
    private var defects: [(Defect, String)] = []

    /// - Parameters:
    ///   - id: Of the request; nil for a notification.
    ///   - isPrimed: Whether an event without data may come first.
    static func read(_ reply: HTTPReply, id: JSON?, isPrimed: Bool = true) -> Answer {
        var reader = AnswerReader(reply: reply, id: id, isPrimed: isPrimed)
        let outcome = reader.outcome()
        return Answer(outcome: outcome, reply: reply, defects: reader.defects)
    }

    private mutating func outcome() -> Answer.Outcome {
        guard let status = reply.status else {
            if case .broken(let trouble) = reply.end { return .nothing(.broken(trouble.words)) }
            return .nothing(.late)
        }
        guard let id else {
            return reply.isSuccess ? .accepted : .refused(status, fault(in: try? JSON(parsing: reply.body)))
        }
        let messages = messages()
        let answers = messages.filter { $0["result"] != nil || $0["error"] != nil }
        if let answer = answers.first(where: { $0["id"] == id }) ?? answers.first(where: { isAlike($0["id"], id) }) {
            if answers.count(where: { $0["id"] == id }) > 1 { note(.secondAnswer, "two answers to one request") }
            return read(answer, id)
        }
        if !reply.isSuccess { return .refused(status, answers.first.flatMap { fault(in: $0) }) }
        // An error that belongs to nothing is the answer all the same, as long as nothing else is.
        if let answer = answers.first, answer["id"] == nil || answer["id"]?.isNull == true {
            return .error(fault(in: answer) ?? Answer.Fault(code: nil, message: "", json: answer))
        }
        if let answer = answers.first {
            return .nothing(.unreadable("it has the id \(Excerpt.of(answer["id"]?.description ?? "", limit: 40))"))
        }
        return absence(status)
    }

    private func absence(_ status: Int) -> Answer.Outcome {
        switch reply.end {
        case .broken(let trouble): return .nothing(.broken(trouble.words))
        case .late: return .nothing(.late)
        case .tooLarge: return .nothing(.tooLarge)
        case .complete, .stopped: break
        }
        if reply.isEventStream { return .nothing(reply.events.isEmpty && reply.body.isEmpty ? .empty : .endedStream) }
        if reply.body.isEmpty { return status == 202 || status == 204 ? .accepted : .nothing(.empty) }
        do {
            _ = try JSON(parsing: reply.body)
            return .nothing(.unreadable("no JSON-RPC answer: \(reply.excerpt)"))
        } catch {
            return .nothing(.unreadable("\(error): \(reply.excerpt)"))
        }
    }

    private mutating func read(_ answer: JSON, _ id: JSON) -> Answer.Outcome {
        if answer["id"] != id {
            note(.changedID, "the id \(id) came back as \(Excerpt.of(answer["id"]?.description ?? "", limit: 40))")
        }
        if answer["jsonrpc"]?.stringEquals("2.0") != true { note(.missingVersion, "no \"jsonrpc\": \"2.0\"") }
        let (result, error) = (answer["result"], answer["error"])
        if let result, let error, result.isNull != error.isNull {
            note(.nullMember, result.isNull ? "\"result\": null beside an error" : "\"error\": null beside a result")
        }
        if let result, !result.isNull { return .result(result) }
        if let error, error.kind == .object {
            if error["code"]?.integer == nil {
                note(.notIntegerCode, "the code \(Excerpt.of(error["code"]?.description ?? "missing", limit: 40))")
            }
            return .error(fault(in: answer) ?? Answer.Fault(code: nil, message: "", json: error))
        }
        return .nothing(.unreadable("neither a result nor an error: \(Excerpt.of(answer.description, limit: 80))"))
    }

    // MARK: Messages

    private mutating func messages() -> [JSON] {
        if reply.isEventStream { return streamed() }
        guard !reply.body.isEmpty else { return [] }
        if let json = try? JSON(parsing: reply.body) {
            if reply.isSuccess, reply.mediaType != "application/json" {
                note(.contentType, "JSON as \(Excerpt.of(reply.mediaType ?? "no Content-Type", limit: 60))")
            }
            return json.elements ?? [json]
        }
        // A stream of events under another name.
        var parser = SSEParser(limit: reply.body.count)
        var found: [JSON] = []
        _ = parser.add(reply.body) { if let message = $0.message { found.append(message) } }
        if !found.isEmpty {
            note(.contentType, "an event stream as \(Excerpt.of(reply.mediaType ?? "no Content-Type", limit: 60))")
        }
        return found
    }

    private mutating func streamed() -> [JSON] {
        var found: [JSON] = []
        for event in reply.events {
            if event.data.isEmpty {
                if !isPrimed { note(.emptyEvent, "an event without data") }
                continue
            }
            guard let message = event.message else {
                note(.unreadableEvent, "an event that is not JSON: \(Excerpt.of(event.data, limit: 60))")
                continue
            }
            if event.name != "message", id.map({ event.answers($0) }) ?? false {
                note(.eventName, "the answer is in an event named \"\(Excerpt.of(event.name, limit: 40))\"")
            }
            found.append(message)
        }
        if found.isEmpty, let json = try? JSON(parsing: reply.body) {
            note(.contentType, "JSON as text/event-stream")
            return [json]
        }
        if reply.end == .complete, reply.hasUnfinishedEvent { found += unfinished() }
        if reply.end == .stopped { note(.leftOpen, "the stream stayed open after the answer") }
        return found
    }

    /// What the last event would have been, had it been ended.
    private mutating func unfinished() -> [JSON] {
        var parser = SSEParser(limit: reply.body.count + 8)
        var events: [SSEEvent] = []
        _ = parser.add(reply.body + Array("\n\n".utf8)) { events.append($0) }
        guard events.count > reply.events.count, let message = events.last?.message else { return [] }
        note(.unfinishedEvent, "the last event is not ended by an empty line")
        return [message]
    }

    private func fault(in message: JSON?) -> Answer.Fault? {
        guard let error = message?["error"], !error.isNull else { return nil }
        if let text = error.string {
            return Answer.Fault(code: nil, message: message?["error_description"]?.string ?? text, json: error)
        }
        return Answer.Fault(
            code: error["code"]?.integer, message: error["message"]?.string ?? "", json: error)
    }

    /// The same in another spelling or type.
    private func isAlike(_ a: JSON?, _ b: JSON) -> Bool {
        guard let a else { return false }
        return (a.string ?? a.description) == (b.string ?? b.description)
            || (a.integer != nil && a.integer == b.integer)
    }

    private mutating func note(_ defect: Defect, _ words: String) { defects.append((defect, words)) }

    private init(reply: HTTPReply, id: JSON?, isPrimed: Bool) {
        (self.reply, self.id, self.isPrimed) = (reply, id, isPrimed)
    }
}
