import Logging
import MCPProtocol

/// Tasks, an extension of the per-request era: a call that is answered with a name to ask about later (§3.5).
extension Gateway {
    static let taskCapability = ClientCapability.extension(ExtensionID.tasks)

    /// Whether a call of a tool with `support` becomes a task for `client`. Throws when it must and cannot.
    func runsAsTask(_ support: SwiftTool.TaskSupport, _ client: Client) throws -> Bool {
        if client.takesTasks { return true }
        if support == .required, let missing = ClientCapabilities.none.missing([Self.taskCapability]) {
            throw RPCError.missingCapability(missing)
        }
        return false
    }

    func startTask(_ work: Work, _ upstream: any Upstream, for client: Client) async throws -> TaskRecord {
        // What a task keeps of a request must not hold all of it.
        let work = Work(work.subject, params: work.params.detached())
        return try await startTask(work, for: client) { try await upstream.answer(work, on: $0) }
    }

    /// A task that its upstream has begun already.
    func startTask(_ begun: TaskBegun, _ work: Work, for client: Client) async throws -> TaskRecord {
        do {
            return try await startTask(Work(work.subject, params: [:]), for: client, begun.function)
        } catch {
            begun.abandon()
            throw error
        }
    }

    private func startTask(
        _ work: Work, for client: Client, _ function: @escaping @Sendable (any ExchangePort) async throws -> [UInt8]
    ) async throws -> TaskRecord {
        guard case .tool(let name) = work.subject else { throw RPCError.internalError("Only tools become tasks") }
        var client = client
        client.capabilities = ClientCapabilities(client.capabilities.json.detached())
        return try await tasks.start(owner: client.principal, tool: name) { [self, client] port in
            let exchange = TaskExchange(client: client, port: port)
            do {
                return try await function(exchange)
            } catch let error as RPCError {
                throw error
            } catch is CancellationError where Task.isCancelled {
                throw CancellationError()
            } catch {
                switch outcomeOfFailure(error, work, exchange.envelope) {
                case .result(let result): return result
                case .error(let error): throw error
                }
            }
        }
    }

    /// Its client has gone before it could learn the task's name, so nobody will ever ask for what comes of it (H-86).
    func abandon(_ task: TaskRecord, of owner: Principal) {
        // Elsewhere: what made it is cancelled, and the store would not listen.
        _ = host.start { [tasks, logger] _ in
            do { try await tasks.cancel(task.id, owner: owner) } catch {
                logger.warning("tasks.store_failed", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: tasks/get, tasks/update, tasks/cancel

    func task(_ request: Request, _ client: Client) async -> Result<[UInt8], RPCError> {
        if let missing = client.capabilities.missing([Self.taskCapability]) {
            return .failure(.missingCapability(missing))
        }
        guard let id = request.params?["taskId"]?.string else {
            return .failure(.invalidParams("\(request.method) needs params.taskId, a string"))
        }
        do {
            switch request.method {
            case Method.tasksGet:
                return .success(TaskWire.state(try await tasks.get(id, owner: client.principal), meta: serverMeta))
            case Method.tasksUpdate:
                guard let responses = request.params?["inputResponses"]?.members else {
                    return .failure(.invalidParams("tasks/update needs params.inputResponses, an object"))
                }
                try await tasks.update(
                    id, owner: client.principal, responses: Dictionary(responses.map { ($0.name, $0.value) }) { $1 })
            default: try await tasks.cancel(id, owner: client.principal)
            }
            return .success(TaskWire.acknowledgment(meta: serverMeta))
        } catch let error as RPCError {
            return .failure(error)
        } catch {
            logger.error("tasks.store_failed", metadata: ["error": "\(error)"])
            return .failure(.internalError("The server cannot reach its tasks now; try again"))
        }
    }

    var serverMeta: JSON { .object([(MetaKey.serverInfo, configuration.catalog.identity.json)]) }
}

extension Client {
    /// Whether its calls may become tasks.
    var takesTasks: Bool { envelope.version.hasExtensions && capabilities.has(Gateway.taskCapability) }
}

/// What the function behind a task has in place of a request: nobody waits, so there is neither progress nor a log
/// (M-40), and questions are put to whoever asks about the task.
private struct TaskExchange: ExchangePort {
    let principal: Principal
    let capabilities: ClientCapabilities
    /// Without the server's name: the result stands inside another.
    let envelope: ResultEnvelope
    let canAsk = true
    let waitsForAnswers = true
    private let port: any TaskPort

    init(client: Client, port: any TaskPort) {
        principal = client.principal
        capabilities = client.capabilities
        envelope = ResultEnvelope(version: client.envelope.version, serverInfo: nil)
        self.port = port
    }

    func progress(_ progress: Double, total: Double?, message: String?) {}
    func log(_ level: LogLevel, _ data: JSON, logger: String?) {}

    func ask(_ questions: [Question]) async throws -> [JSON] {
        let requests = questions.map { ($0.key, $0.json(for: envelope.version)) }
        let answers = try await port.ask(Dictionary(requests) { $1 })
        return questions.compactMap { answers[$0.key] }
    }
}
