import MCPProtocol

/// Tools that their server runs as tasks. What becomes of the task is waited for within the call; whether the call is
/// itself a task of ours is its client's business (B-81 to B-85).
extension BridgedUpstream {
    func end(
        of task: ServerTask, in conversation: UpstreamConversation, _ work: Work, _ port: any ExchangePort
    ) async throws -> JSON {
        guard conversation.version.era == .handshake else {
            if port.takesTasks { throw begun(task, in: conversation, work) }
            return try await poll(task, in: conversation, port)
        }
        // It waits for the end, and brings the questions on the way there (B-82).
        let call = try conversation.send(Method.tasksResult, for: port, part: .awaits(task)) { _ in
            task.params(meta: nil)
        }
        let result = try await outcome(of: call, in: conversation, work, port)
        guard result["content"] != nil else { throw ToolError("The server \(name) ended its task without a result.") }
        return result
    }

    /// Goes on with a task whose questions a client has taken away and answered.
    func takeUp(
        _ id: String, in conversation: UpstreamConversation, _ port: any ExchangePort
    ) async throws -> JSON {
        let task = ServerTask(id: id)
        let answers = port.carried?.answers ?? [:]
        try await answer(task, .object(answers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }), in: conversation)
        return try await poll(task, in: conversation, port, answered: Set(answers.keys))
    }

    // MARK: In the per-request era

    private func begun(_ task: ServerTask, in conversation: UpstreamConversation, _ work: Work) -> TaskBegun {
        TaskBegun { [self] port in
            do {
                let result = try await poll(task, in: conversation, port)
                return Translation.result(result, of: work.subject, in: port.envelope)
            } catch let failure as LinkFailure {
                throw ToolError("The server \(name) is unavailable: \(failure.message).")
            }
        } abandon: { [self] in
            cancel(task, in: conversation)
        }
    }

    private func cancel(_ task: ServerTask, in conversation: UpstreamConversation) {
        _ = host.start { [self] _ in await conversation.cancel(task, meta: meta(conversation)) }
    }

    private func poll(
        _ task: ServerTask, in conversation: UpstreamConversation, _ port: any ExchangePort,
        answered: Set<String> = []
    ) async throws -> JSON {
        var answered = answered
        do {
            while true {
                try await time.sleep(for: task.pollInterval)
                let state = try await ask(Method.tasksGet, task.params(meta: meta(conversation)), in: conversation)
                switch state["status"]?.string {
                case "completed":
                    guard let result = state["result"], result.kind == .object else {
                        throw ToolError("The server \(name) completed its task without a result.")
                    }
                    return result
                case "failed": throw Translation.error(state["error"] ?? [:], from: name, of: .tool(""))
                case "cancelled": throw ToolError("The server \(name) cancelled its task.")
                case "input_required":
                    let open = (state["inputRequests"]?.members ?? []).filter { !answered.contains($0.name) }
                        .map { (name: $0.name, value: $0.value) }
                    guard !open.isEmpty else { continue }
                    let answers = try await ask(open, [("task", JSON(task.id))], port)
                    try await answer(task, answers, in: conversation)
                    answered.formUnion(open.map(\.name))
                default: continue
                }
            }
        } catch let error as InputRequired {
            throw error
        } catch {
            cancel(task, in: conversation)
            throw error
        }
    }

    private func answer(_ task: ServerTask, _ answers: JSON, in conversation: UpstreamConversation) async throws {
        let params = task.params(("inputResponses", answers), meta: meta(conversation))
        _ = try await ask(Method.tasksUpdate, params, in: conversation)
    }

    private func ask(_ method: String, _ params: JSON, in conversation: UpstreamConversation) async throws -> JSON {
        do {
            let response = try await conversation.request(method, within: policy.limits.listTime, params: params)
            guard let result = response.result else {
                throw Translation.error(response.error ?? [:], from: name, of: .tool(""))
            }
            return result
        } catch let failure as LinkFailure {
            // The task may have been done, whatever this request came to.
            throw LinkFailure(failure.kind, mayHaveBegun: true, failure.message)
        }
    }

    private func meta(_ conversation: UpstreamConversation) -> JSON {
        ConversationOpener.meta(
            conversation.version, identity, capabilities: ["extensions": ServerTask.extensions])
    }
}
