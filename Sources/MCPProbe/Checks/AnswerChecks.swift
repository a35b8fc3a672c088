/// The form of answers, and how the server refuses.
enum AnswerChecks {
    static let all = [
        form(
            "answer.content-type", "Answers have the wrong Content-Type", .contentType,
            why: "Clients choose by it how to read the body, and fail on any other type.",
            remedy: "Send application/json, or text/event-stream for a stream.",
            clause: "2025-11-25, basic/transports: sending messages", breaks: ProbedClient.real),
        form(
            "answer.id", "The id of a request comes back changed", .changedID,
            why:
                "Clients find the request by its id; a string is not a number. The answer is dropped, the request hangs.",
            remedy: "Send the id back as it came, in the same JSON type.",
            clause: "JSON-RPC 2.0: response object", breaks: ProbedClient.everyone),
        form(
            "answer.null-member", "Answers have a result and an error", .nullMember,
            why:
                "A null beside the other is one too many: strict readers, those of TypeScript among them, drop the message.",
            remedy: "Leave out the member that does not apply.",
            clause: "JSON-RPC 2.0: either result or error, not both",
            breaks: [.claudeCode, .vscode, .inspector, .cursor]),
        form(
            "answer.jsonrpc", "Answers do not say \"jsonrpc\": \"2.0\"", .missingVersion,
            why: "Strict readers drop the message, and the request hangs.",
            remedy: "Send \"jsonrpc\": \"2.0\" in every message.",
            clause: "JSON-RPC 2.0: response object", breaks: ProbedClient.everyone),
        form(
            "answer.twice", "A request is answered twice", .secondAnswer,
            why: "The second answer belongs to nothing; clients log an error, or take it for another request's.",
            remedy: "Send exactly one response.", clause: "JSON-RPC 2.0: response object", breaks: [.strict]),
        form(
            "answer.code", "The code of an error is not an integer", .notIntegerCode,
            why: "Clients cannot read the error; the request hangs or the conversation ends.",
            remedy: "Send an integer, such as -32602; words belong in the message.",
            clause: "JSON-RPC 2.0: error object", breaks: ProbedClient.real, effect: .loses),
        form(
            "sse.event-name", "Answers are in events with a name of their own", .eventName,
            why: "Clients read the events named message, and pass over all others.",
            remedy: "Leave out the event field, or send event: message.",
            clause: "2025-11-25, basic/transports", breaks: ProbedClient.real),
        form(
            "sse.unfinished", "The last event of a stream is not ended", .unfinishedEvent,
            why: "An event without an empty line after it is dropped, and with it the answer.",
            remedy: "End each event with an empty line before the stream is closed.",
            clause: "WHATWG HTML, server-sent events: interpreting an event stream", breaks: ProbedClient.everyone),
        form(
            "sse.unreadable", "Streams have events that are not JSON", .unreadableEvent,
            why:
                "Clients report an error for each, and some close the stream. JSON with line breaks needs data: on each line.",
            remedy: "Write each message as one data: line.", clause: "2025-11-25, basic/transports", breaks: [],
            otherwise: .warning),
        form(
            "sse.empty", "Streams have events without data for old clients", .emptyEvent,
            why: "Clients before 2025-11-25 try to read it as JSON.",
            remedy: "Send the priming event only where 2025-11-25 was negotiated.",
            clause: "2025-11-25, basic/transports: priming event", breaks: [], otherwise: .warning),
        form(
            "sse.left-open", "Streams stay open after the answer", .leftOpen,
            why: "Connections pile up until a limit is reached, on the server or in the client.",
            remedy: "End the stream after the response.", clause: "2025-11-25, basic/transports", breaks: [],
            otherwise: .warning),
        Check(
            "answer.parallel", "Requests at the same time are not all answered", in: .race,
            did: "Sent eight tools/list at once on one session.",
            why: "Clients send several requests at once.",
            remedy: "Answer each POST on its own response.", breaks: ProbedClient.everyone, effect: .loses,
            causes: ["tools.unanswered", "tools.refused", "session.single", "time.list"]
        ) { evidence, _ in
            guard let race = evidence.race, !race.control.isEmpty else { return .notExamined }
            let wrong = race.control.filter { $0.fate != .answered && !$0.saw.hasPrefix("HTTP 429") }
            guard let first = wrong.first else { return .fine }
            return .found("\(wrong.count) of \(race.control.count), the first with \(first.saw)")
        },
        Check(
            "error.unknown-method", "An unknown method is not refused as clients expect", in: .errors,
            did: "Sent a method that does not exist.",
            why: "404 on a session means that the session has ended: clients begin anew, for ever "
                + "(googleapis/mcp-toolbox#3588). Silence and failures make them wait or give up.",
            remedy: "Answer 200 with the JSON-RPC error -32601.",
            clause: "2025-11-25, basic/transports: session management; JSON-RPC 2.0: method not found",
            breaks: [.claude, .claudeCode, .inspector], effect: .loses, causes: ["session.single"]
        ) { evidence, _ in
            guard let answer = evidence.errors?.unknownMethod else { return .notExamined }
            if answer.isAnswered, answer.status != 404 { return answer.result == nil ? .fine : .found("a result") }
            let isFine = (400..<500).contains(answer.status ?? 0) && ![401, 404].contains(answer.status)
            return isFine ? .fine : .found(answer.words)
        },
        Check(
            "error.unknown-tool", "A call of an unknown tool is not answered", in: .errors,
            did: "Called a tool that does not exist.",
            why: "Models make up names. Without an answer the chat stands still; 404 ends the session.",
            remedy: "Answer 200 with an error -32602, or a result with isError.", breaks: [.claude, .claudeCode],
            effect: .loses, causes: ["session.single", "error.unknown-method"]
        ) { evidence, _ in
            guard let answer = evidence.errors?.unknownTool else { return .notExamined }
            if answer.isAnswered, answer.status != 404 { return .fine }
            let isFine = (400..<500).contains(answer.status ?? 0) && ![401, 404].contains(answer.status)
            return isFine ? .fine : .found(answer.words)
        },
        Check(
            "error.unknown-notification", "An unknown notification makes the server fail", in: .errors,
            did: "Sent a notification that does not exist.",
            why: "Newer clients send notifications that older servers do not know.",
            remedy: "Answer 202, and ignore it."
        ) { evidence, _ in
            guard let answer = evidence.errors?.unknownNotification else { return .notExamined }
            if let status = answer.status { return status >= 500 ? .found(answer.words) : .fine }
            return .found(answer.words)
        },
        Check(
            "error.malformed", "Broken JSON is not refused with 400", in: .errors,
            did: "Sent half a JSON object.",
            why: "A client that is cut off must not make the server fail, or wait.",
            remedy: "Answer 400 with the JSON-RPC error -32700.", causes: ["error.survives"]
        ) { evidence, _ in
            guard let reply = evidence.errors?.malformed else { return .notExamined }
            guard let status = reply.status else { return .found(reply.silence) }
            if status >= 500 { return .found("HTTP \(status)") }
            return (400..<500).contains(status) ? .fine : .found("HTTP \(status)", weight: .note)
        },
        Check(
            "error.body", "A session that is not known is refused without a JSON-RPC error", in: .sessions,
            did: "Sent tools/list with a session id that the server never made, and read the body of the 404.",
            why: "People who look for the reason find none in the client's log.",
            remedy: "Send a JSON-RPC error with the id null as the body.",
            clause: "2025-11-25, basic/transports: the body may be a JSON-RPC error", otherwise: .note,
            causes: ["session.unknown-id"]
        ) { evidence, _ in
            guard let answer = evidence.sessions?.unknown, answer.status == 404 else { return .notExamined }
            return answer.fault == nil ? .found(answer.words) : .fine
        },
        Check(
            "error.survives", "After a faulty message nothing is served", in: .errors,
            did: "Sent what is wrong, then tools/list on the same session.",
            why: "One faulty client, or a connection that breaks in the middle of a message, ends everything.",
            remedy: "Let an error end its own request only.", breaks: ProbedClient.everyone, effect: .loses,
            causes: ["tools.unanswered", "tools.refused", "session.single", "time.list"]
        ) { evidence, _ in
            guard let answer = evidence.errors?.afterwards else { return .notExamined }
            return answer.isAnswered ? .fine : .found(answer.words)
        },
    ]

    /// A defect of form, wherever it was seen.
    private static func form(
        _ id: String, _ title: String, _ defect: Defect, why: String, remedy: String, clause: String,
        breaks: Set<ProbedClient>, effect: Effect = .hides, otherwise: Weight = .warning
    ) -> Check {
        Check(
            id, title, in: .opening, did: "Looked at the form of every answer.", why: why, remedy: remedy,
            clause: clause, breaks: breaks, effect: effect, otherwise: otherwise
        ) { evidence, _ in
            guard evidence.opening != nil else { return .notExamined }
            let seen = evidence.defects.filter { $0.defect == defect }
            guard let first = seen.first else { return .fine }
            let methods = Set(seen.map(\.method)).sorted().joined(separator: ", ")
            return .found("\(methods): \(first.words)")
        }
    }
}
