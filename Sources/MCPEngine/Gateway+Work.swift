import Logging
import MCPProtocol

/// Requests that somebody must work for: whose they are, and what becomes of how the work ends.
extension Gateway {
    func tool(_ request: Request) -> Step {
        guard let name = request.params?["name"]?.string else {
            return .error(.invalidParams("tools/call needs params.name, a string"))
        }
        guard let entry = catalog.current.tool(name) else {
            return .error(.invalidParams("Unknown tool: \(name.prefix(128))"))
        }
        return .work(Work(.tool(name), params: request.params ?? [:]), entry.upstream)
    }

    func prompt(_ request: Request) -> Step {
        guard let name = request.params?["name"]?.string else {
            return .error(.invalidParams("prompts/get needs params.name, a string"))
        }
        guard let upstream = catalog.current.owner(ofPrompt: name) else {
            return .error(.invalidParams("Unknown prompt: \(name.prefix(128))"))
        }
        return .work(Work(.prompt(name), params: request.params ?? [:]), upstream)
    }

    func resource(_ request: Request, _ scope: Scope) -> Step {
        guard let uri = request.params?["uri"]?.string else {
            return .error(.invalidParams("resources/read needs params.uri, a string"))
        }
        guard let upstream = catalog.current.owner(ofResource: uri) else {
            return .error(.resourceNotFound(uri, in: scope.version.era))
        }
        return .work(Work(.resource(uri), params: request.params ?? [:]), upstream)
    }

    func completion(_ request: Request) -> Step {
        let asked: CompletionRequest
        do throws(ShapeError) {
            asked = try CompletionRequest(request.params ?? [:])
        } catch {
            return .error(error.rpcError)
        }
        guard let upstream = catalog.current.owner(of: asked.reference) else {
            return .error(.invalidParams("params.ref names a prompt or resource template that is not there"))
        }
        return .work(Work(.completion(asked), params: request.params ?? [:]), upstream)
    }

    // MARK: How the work ends

    struct TimeLimitExceeded: Error {
        var limit: Duration
    }

    /// Writes what `error` means to the client, unless the exchange has its answer already.
    @discardableResult
    func settle(
        _ exchange: Exchange, _ error: any Error, _ work: Work, as outcome: Exchange.Outcome = .error
    ) -> Bool {
        switch error {
        case let error as RPCError: return exchange.fail(error, as: outcome)
        case let error as ResourceNotFound:
            return exchange.fail(.resourceNotFound(error.uri, in: exchange.envelope.version.era))
        case is CancellationError where Task.isCancelled: return exchange.fail(.requestCancelled)
        default: break
        }
        switch outcomeOfFailure(error, work, exchange.envelope) {
        case .result(let result): return exchange.succeed(result, as: outcome == .error ? .result : outcome)
        case .error(let error): return exchange.fail(error, as: outcome)
        }
    }

    /// What went wrong in a tool is for the model to read (M-33); elsewhere it is an error of the protocol.
    func outcomeOfFailure(_ error: any Error, _ work: Work, _ envelope: ResultEnvelope) -> TaskOutcome {
        let message = message(for: error, work)
        guard case .tool = work.subject else { return .error(.internalError(message)) }
        return .result(ToolResult.failure(message).encoded(in: envelope))
    }

    /// What a function said goes to the client; what merely happened inside it goes to the log.
    private func message(for error: any Error, _ work: Work) -> String {
        let subject = work.words
        switch error {
        case let error as ToolError: return error.message
        case let error as ClientUnreachable: return error.message
        case let error as ClientError: return "\(subject) asked the client, which answered: \(error.message)"
        case let error as TimeLimitExceeded:
            return "\(subject) did not finish within \(error.limit.milliseconds) ms and was stopped."
        default:
            logger.warning("work.failed", metadata: ["work": "\(subject)", "error": "\(type(of: error))"])
            return "\(subject) failed."
        }
    }
}

extension Work {
    /// As the subject of a sentence. URIs may hold what is nobody's business.
    var words: String {
        switch subject {
        case .tool(let name): "The tool \(name)"
        case .prompt(let name): "The prompt \(name)"
        case .resource: "Reading the resource"
        case .completion: "The completion"
        case .subscription: "The subscription"
        }
    }
}
