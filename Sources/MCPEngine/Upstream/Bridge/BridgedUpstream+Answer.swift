import Logging
import MCPProtocol

/// Calls, in all four pairings of eras. A server of the handshake era asks while the call is open; one of the per-request
/// era ends the call with a question and is called again. A client of the handshake era is asked on its stream; one of the
/// per-request era takes the question away and comes back (B-20 to B-47).
extension BridgedUpstream {
    package func prepare(_ work: Work, on port: any ExchangePort) async throws -> Work { work }

    package func answer(_ work: Work, on port: any ExchangePort) async throws -> [UInt8] {
        if case .subscription(let uri) = work.subject, let session = port.session {
            try await watch(uri, for: .session(session), of: port.principal.id)
            return port.envelope.empty
        }
        let result = try await result(of: work, on: port)
        return Translation.result(result, of: work.subject, in: port.envelope)
    }

    private func result(of work: Work, on port: any ExchangePort) async throws -> JSON {
        if let ticket = port.carried?.value["call"]?.string { return try await takeUp(ticket, work, port) }
        if let task = port.carried?.value["task"]?.string {
            return try await attempt(work, port) { try await takeUp(task, in: $0, port) }
        }
        var input: (state: JSON?, responses: JSON)?
        if let carried = port.carried, carried.value["again"] == nil {
            input = (
                carried.value["state"], .object(carried.answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            )
        }
        for _ in 0..<policy.limits.rounds {
            let result = try await attempt(work, port) { try await run(work, in: $0, port, input) }
            switch result["resultType"]?.string {
            case nil, "complete": return result
            case "input_required":
                let state = result["requestState"]
                let carrying = state.map { [("state", $0.detached())] } ?? []
                input = (state, try await ask(result["inputRequests"]?.members ?? [], carrying, port))
            case let type?:
                throw ToolError("The server \(name) answered with a result of an unknown type, \(type.prefix(64)).")
            }
        }
        throw ToolError("The server \(name) asked \(policy.limits.rounds) times and gave no answer.")
    }

    // MARK: One request to the server, or two

    private func attempt(
        _ work: Work, _ port: any ExchangePort, _ run: (UpstreamConversation) async throws -> JSON
    ) async throws -> JSON {
        let key = key(for: port.principal.id, port.session)
        let capabilities: JSON
        if case .session = key {
            capabilities = port.capabilities.json.without(["extensions", "experimental", "tasks"])
        } else {
            capabilities = Self.allCapabilities
        }
        var hasFailed = false
        while true {
            do {
                let conversation = try await pool.conversation(key, capabilities: capabilities)
                do {
                    let result = try await run(conversation)
                    isAvailable(nil)
                    return result
                } catch let failure as LinkFailure {
                    if failure.kind == .sessionGone { pool.drop(conversation, of: key) }
                    throw failure
                }
            } catch let failure as LinkFailure {
                // A second time only where the first did not begin, or does no harm twice (B-14).
                guard !hasFailed, failure.kind != .closed, !failure.mayHaveBegun || isRepeatable(work) else {
                    metrics.refused()
                    isAvailable(failure)
                    throw ToolError("The server \(name) is unavailable: \(failure.message).")
                }
                hasFailed = true
                metrics.sentAgain()
            }
        }
    }

    private func isRepeatable(_ work: Work) -> Bool {
        switch work.subject {
        case .tool(let name): tool(name)?.isRepeatable == true
        case .prompt, .resource, .completion, .subscription: true
        }
    }

    /// The server refused the request for a part of it that is ours. Nothing was done yet.
    private struct PartRefused: Error {
        enum Part { case headers, taskCapability }
        var part: Part
        /// What it means when it cannot be mended.
        var meaning: any Error
    }

    /// Sends the request, and follows what the server makes of it.
    private func run(
        _ work: Work, in conversation: UpstreamConversation, _ port: any ExchangePort,
        _ input: (state: JSON?, responses: JSON)?
    ) async throws -> JSON {
        var mended: Set<PartRefused.Part> = []
        while true {
            let call = try send(work, in: conversation, port, input)
            do {
                let result = try await outcome(of: call, in: conversation, work, port)
                guard let task = ServerTask(result, of: call, in: conversation.version.era) else { return result }
                return try await end(of: task, in: conversation, work, port)
            } catch let refusal as PartRefused {
                guard mended.insert(refusal.part).inserted else { throw refusal.meaning }
                switch refusal.part {
                // Its tools want other headers than they did when the list was read (B-100).
                case .headers: try await readOffer(conversation)
                case .taskCapability: becomesTask(work)
                }
            }
        }
    }

    private func send(
        _ work: Work, in conversation: UpstreamConversation, _ port: any ExchangePort,
        _ input: (state: JSON?, responses: JSON)?
    ) throws(LinkFailure) -> UpstreamCall {
        let version = conversation.version
        var headers: [(name: String, value: String)] = []
        var tool: KnownTool?
        if case .tool(let name) = work.subject { tool = self.tool(name) }
        switch version.era {
        case .handshake: if let level = port.logLevel { conversation.want(level) }
        case .perRequest: headers = tool?.headers?.headers(for: work.params["arguments"]) ?? []
        }
        let isTask =
            switch version.era {
            case .handshake: tool?.isTask == true && conversation.takesCallsAsTasks
            case .perRequest: tool?.isTask == true || port.takesTasks && conversation.opened?.makesTasks == true
            }
        let part: UpstreamCall.Part = isTask && version.era == .handshake ? .begins : .none
        return try conversation.send(work.method, for: port, part: part, headers: headers) { id in
            Translation.params(
                work, as: id, in: version, identity: identity, for: port, input: input, isTask: isTask)
        }
    }

    /// Waits for the answer, and meanwhile passes questions on.
    func outcome(
        of call: UpstreamCall, in conversation: UpstreamConversation, _ work: Work, _ port: any ExchangePort
    ) async throws -> JSON {
        do {
            return try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                while true {
                    switch try await call.next() {
                    case .asks(let question):
                        if let refusal = refusal(of: question, port) {
                            await conversation.answer(question.id, .failure(refusal))
                        } else if port.waitsForAnswers {
                            group.addTask { await self.relay(question, conversation, port) }
                        } else {
                            try hold(call, conversation, [question], port)
                        }
                    case .ended(let response):
                        return try result(try response.get(), work, port)
                    }
                }
            }
        } catch let error as InputRequired {
            // The call is held, or over.
            throw error
        } catch {
            conversation.cancel(call)
            throw error
        }
    }

    private func result(_ response: Response, _ work: Work, _ port: any ExchangePort) throws -> JSON {
        if let result = response.result {
            guard result.kind == .object else {
                throw ToolError("The server \(name) answered without a result object.")
            }
            return result
        }
        let error = response.error ?? [:]
        let meaning = Translation.error(error, from: name, of: work.subject)
        switch error["code"]?.integer.flatMap({ Int(exactly: $0) }) {
        case Self.urlElicitationRequired: try askToVisit(error, port)
        case RPCError.Code.headerMismatch: throw PartRefused(part: .headers, meaning: meaning)
        case RPCError.Code.missingCapability
        where error["data"]?["requiredCapabilities"]?["extensions"]?[ExtensionID.tasks] != nil:
            throw PartRefused(part: .taskCapability, meaning: meaning)
        // It was told what the client can do, so this is about the client (H-81).
        case RPCError.Code.missingCapability where port.envelope.version.era == .perRequest:
            throw RPCError(
                code: RPCError.Code.missingCapability, message: error["message"]?.string ?? "",
                data: error["data"]?.detached())
        default: break
        }
        throw meaning
    }

    // MARK: Questions of a server of the handshake era

    /// Why the client cannot be asked that.
    private func refusal(of question: ServerQuestion, _ port: any ExchangePort) -> RPCError? {
        let version = port.envelope.version
        let method = question.request.method
        guard port.canAsk else {
            return RPCError(
                code: RPCError.Code.methodNotFound, message: "This client cannot be asked: it has no session")
        }
        guard question.request.isAvailable(in: version) else {
            return RPCError(
                code: RPCError.Code.methodNotFound,
                message: "The client speaks protocol version \(version.rawValue), which lacks this kind of \(method)")
        }
        guard let missing = port.capabilities.missing(question.request.requiredCapabilities(for: version)) else {
            return nil
        }
        return RPCError(
            code: RPCError.Code.methodNotFound, message: "The client does not support this kind of \(method)",
            data: ["requiredCapabilities": missing])
    }

    private func relay(_ question: ServerQuestion, _ conversation: UpstreamConversation, _ port: any ExchangePort) async
    {
        let answer: Result<JSON, RPCError>
        do {
            let answers = try await port.ask([question.question(key: "q")])
            answer = answers.first.map { .success($0) } ?? .failure(.internalError("The client did not answer"))
        } catch let error as ClientError {
            answer = .failure(RPCError(code: error.code, message: error.message))
        } catch is CancellationError {
            // The call is over, and with it the question.
            return
        } catch {
            let reason = (error as? ToolError)?.message ?? (error as? ClientUnreachable)?.message
            answer = .failure(.internalError(reason ?? "The client could not be asked"))
        }
        await conversation.answer(question.id, answer)
    }

    private func hold(
        _ call: UpstreamCall, _ conversation: UpstreamConversation, _ questions: [ServerQuestion],
        _ port: any ExchangePort
    ) throws -> Never {
        call.port = nil
        let ticket = try held.hold(call, conversation, questions, for: port.principal)
        throw InputRequired(
            questions.enumerated().map { $0.element.question(key: "\($0.element.request.method)-\($0.offset + 1)") },
            carrying: ["call": JSON(ticket)])
    }

    /// Goes on with a call that waits for what the client now brings.
    private func takeUp(_ ticket: String, _ work: Work, _ port: any ExchangePort) async throws -> JSON {
        guard let held = held.take(ticket) else {
            throw RPCError.invalidParams(
                "requestState names a call that is over or was taken up already: send the request again without it")
        }
        held.call.port = port
        var unanswered: [ServerQuestion] = []
        for (place, question) in held.questions.enumerated() {
            if let answer = port.carried?.answers["\(question.request.method)-\(place + 1)"] {
                await held.conversation.answer(question.id, .success(answer))
            } else {
                unanswered.append(question)
            }
        }
        // Asked again (B-26).
        if !unanswered.isEmpty { try hold(held.call, held.conversation, unanswered, port) }
        do {
            return try await outcome(of: held.call, in: held.conversation, work, port)
        } catch let failure as LinkFailure {
            metrics.refused()
            throw ToolError("The server \(name) is unavailable: \(failure.message).")
        }
    }

    // MARK: Questions of a server of the per-request era

    /// Puts the server's questions to the client.
    /// - Parameter carrying: What a client that takes them away brings back.
    /// - Returns: The answers, by the server's keys.
    func ask(
        _ requests: [(name: String, value: JSON)], _ carrying: [(String, JSON)], _ port: any ExchangePort
    ) async throws -> JSON {
        let questions = try requests.map { try question($0.name, $0.value, port) }
        guard port.waitsForAnswers else { throw InputRequired(questions, carrying: .object(carrying)) }
        guard !questions.isEmpty else {
            // Not a question, but a request for patience (B-41).
            try await time.sleep(for: .seconds(1))
            return [:]
        }
        do {
            let answers = try await port.ask(questions)
            return .object(zip(questions, answers).map { ($0.key, $1) })
        } catch let error as ClientError {
            // There is no form for an error in an answer (B-43).
            guard questions.allSatisfy({ $0.request.method == Method.elicitationCreate }) else { throw error }
            return .object(questions.map { ($0.key, ["action": "cancel"]) })
        }
    }

    private func question(_ key: String, _ json: JSON, _ port: any ExchangePort) throws -> Question {
        let request: InputRequest
        do throws(ShapeError) {
            request = try InputRequest(method: json["method"]?.string ?? "", params: json["params"])
        } catch {
            throw ToolError("The server \(name) asked for something that is not known here: \(error.rpcError.message)")
        }
        let version = port.envelope.version
        guard port.canAsk, request.isAvailable(in: version),
            port.capabilities.missing(request.requiredCapabilities(for: version)) == nil
        else {
            throw ToolError(
                "The server \(name) needs \(request.method) for this, which the client does not support"
                    + " in protocol version \(version.rawValue).")
        }
        return Question(key: key, request: request, verbatim: ServerQuestion.verbatim(request, json["params"]))
    }

    // MARK: -32042

    private static let urlElicitationRequired = -32042

    /// The server wants a page visited and the request sent again (B-30). Clients of 2025-11-25 are told in its own words.
    private func askToVisit(_ error: JSON, _ port: any ExchangePort) throws {
        let version = port.envelope.version
        if version.hasElicitationID { return }
        let pages = (error["data"]?["elicitations"]?.elements ?? []).compactMap { page -> InputRequest? in
            page["url"]?.string.map { .url(message: page["message"]?.string ?? "", url: $0, id: "") }
        }
        if version.era == .perRequest, !pages.isEmpty, port.capabilities.has(.elicitationURL) {
            let questions = pages.enumerated().map { Question(key: "url-\($0.offset + 1)", request: $0.element) }
            throw InputRequired(questions, carrying: ["again": true])
        }
        let urls = (error["data"]?["elicitations"]?.elements ?? []).compactMap { $0["url"]?.string }
        throw ToolError("\(error["message"]?.string ?? "") \(urls.joined(separator: " "))")
    }
}

extension Work {
    var method: String {
        switch subject {
        case .tool: Method.toolsCall
        case .prompt: Method.promptsGet
        case .resource: Method.resourcesRead
        case .completion: Method.completionComplete
        case .subscription: Method.resourcesSubscribe
        }
    }
}

extension ServerQuestion {
    /// What the server is told when nobody answered (B-23).
    var refusal: Result<JSON, RPCError> {
        switch request {
        case .form, .url: .success(["action": "cancel"])
        case .sampling, .roots: .failure(RPCError(code: -1, message: "Nobody answered"))
        }
    }
}
