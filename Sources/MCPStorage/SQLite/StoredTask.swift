import MCPEngine
import MCPProtocol

/// A task's questions and its end, as the bytes that their columns hold.
enum StoredTask {
    /// A JSON array of `{key, request, answer?}`.
    static func bytes(of questions: [TaskMachine.Question]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for question in questions {
            writer.beginObject()
            writer.member("key", question.key)
            writer.member("request", question.request)
            if let answer = question.answer { writer.member("answer", answer) }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }

    static func questions(_ bytes: [UInt8]?) -> [TaskMachine.Question] {
        // A client's text was as deep as is allowed, and lies deeper here.
        guard let bytes, let json = try? JSON(parsing: bytes, limits: JSON.Limits(depth: .max)) else { return [] }
        return (json.elements ?? []).compactMap { element in
            guard let key = element["key"]?.string, let request = element["request"] else { return nil }
            return TaskMachine.Question(key: key, request: request, answer: element["answer"])
        }
    }

    static func result(of outcome: TaskOutcome?) -> [UInt8]? {
        if case .result(let bytes) = outcome { bytes } else { nil }
    }

    static func error(of outcome: TaskOutcome?) -> [UInt8]? {
        guard case .error(let error) = outcome else { return nil }
        var writer = JSONWriter()
        error.write(to: &writer)
        return writer.bytes
    }

    /// Nil when the columns do not hold what the status promises; the inner nil is the task that has no outcome.
    static func outcome(of status: TaskStatus, result: [UInt8]?, error: [UInt8]?) -> TaskOutcome?? {
        switch status {
        case .working, .inputRequired, .cancelled: return .some(nil)
        case .completed: return result.map { .some(.result($0)) }
        case .failed:
            guard let error, let json = try? JSON(parsing: error, limits: JSON.Limits(depth: .max)),
                let code = json["code"]?.integer, let message = json["message"]?.string
            else { return nil }
            return .some(.error(RPCError(code: Int(code), message: message, data: json["data"])))
        }
    }
}
