import Logging
import MCPProtocol

/// Requests of the per-request era: everything about them is in them.
extension Gateway {
    func perRequest(_ inbound: PerRequestInbound, _ call: Call) async -> Reply {
        guard case .request(let request) = inbound.message else {
            // A posted cancellation has no effect: anyone could cancel other people's work by its id (H-72).
            return Reply(.accepted, method: "notification", outcome: "accepted", era: .perRequest)
        }
        guard !ledger.isClosing else { return refuse(request, .stopping(in: .perRequest)) }
        var client = Client(
            principal: call.principal, capabilities: ClientCapabilities(inbound.capabilities),
            envelope: envelope(for: inbound.version), logLevel: { nil })
        if let name = request.meta?[MetaKey.logLevel] {
            guard let level = name.string.flatMap({ LogLevel(rawValue: $0) }) else {
                return refuse(
                    request, .invalidParams("Unknown log level in params._meta: \(MetaKey.logLevel)"), status: 200)
            }
            client.logLevel = { level }
        }
        var scope = Scope(client: client)
        switch request.method {
        case Method.serverDiscover: return answer(request, catalog.current.opening(for: scope.version))
        case Method.subscriptionsListen: return await listen(request, scope)
        default: break
        }
        guard catalog.current.capabilities.offer(request.method) else {
            return refuse(request, ladder: .methodNotFound(request.method))
        }
        if Method.taskRequests.contains(request.method) {
            switch await task(request, client) {
            case .success(let result): return answer(request, result)
            case .failure(let error):
                return refuse(
                    request, error, status: StatusTable.status(for: error.code, era: .perRequest, ladder: false))
            }
        }
        if let mismatch = parameterMismatch(request, call) { return refuse(request, ladder: mismatch) }
        switch step(request, scope) {
        case .answer(let result): return answer(request, result)
        case .error(let error) where error.code == RPCError.Code.methodNotFound:
            return refuse(request, ladder: error)
        case .error(let error): return refuse(request, error, status: 200)
        case .work(let work, let upstream):
            do throws(RPCError) {
                scope.questions = try await retryQuestions(for: request, call.principal)
            } catch {
                return refuse(request, error, status: 200)
            }
            return run(request, work, upstream, scope)
        }
    }

    /// Arguments that the tool wants repeated in headers must be, and say the same (H-76).
    private func parameterMismatch(_ request: Request, _ call: Call) -> RPCError? {
        guard call.comesWithHeaders, request.method == Method.toolsCall, let name = request.params?["name"]?.string,
            let headers = catalog.current.tool(name)?.headers, !headers.isEmpty
        else { return nil }
        return headers.mismatch(call.headers, with: request.params?["arguments"])
    }

    // MARK: subscriptions/listen

    private func listen(_ request: Request, _ scope: Scope) async -> Reply {
        let principal = scope.client.principal
        let filter: ListenFilter
        do throws(RPCError) {
            filter = try ListenFilter(params: request.params, limit: configuration.limits.subscriptionsPerListener)
        } catch {
            return refuse(request, error, status: 200)
        }
        if !filter.taskIDs.isEmpty, let missing = scope.client.capabilities.missing([Self.taskCapability]) {
            return refuse(request, ladder: .missingCapability(missing))
        }
        var granted = filter.granted(by: catalog.current.capabilities)
        var watched: [TaskReference: Int] = [:]
        if !granted.taskIDs.isEmpty {
            do {
                watched = try await tasks.known(granted.taskIDs, owner: principal)
            } catch {
                logger.error("tasks.store_failed", metadata: ["error": "\(error)"])
                return refuse(request, .internalError("The server cannot reach its tasks now; try again"), status: 200)
            }
            granted.taskIDs = granted.taskIDs.filter { watched[TaskReference(id: $0, owner: principal.id)] != nil }
        }
        let watcher = ResourceWatcher.listener(ledger.makeKey().value)
        // Acknowledged is only what is really wired (B-62).
        granted.resourceSubscriptions = await watch(granted.resourceSubscriptions, for: watcher, of: principal.id)
        let subscriptions = granted.resourceSubscriptions
        guard admitListener(principal) else {
            unwatch(subscriptions, for: watcher, of: principal.id)
            let error = RPCError.invalidRequest("Too many open streams for this principal; close one")
            return refuse(request, RefusedError(error: error, status: 429, reason: "too_many_streams"))
        }
        guard let (key, log) = listens.open(request, filter: granted) else {
            unlisten(principal.id)
            unwatch(subscriptions, for: watcher, of: principal.id)
            return refuse(request, .stopping(in: .perRequest))
        }
        var stream = ReplyStream(
            log: log, kind: .subscription, version: scope.version, session: nil, stream: .listening, reader: .first,
            after: 0, outcome: { "ended" })
        let subscription: JSON = .object([(MetaKey.subscriptionID, request.id.json)])
        let watch =
            watched.isEmpty
            ? nil
            : tasks.watch(watched) { task in
                log.append(Wire.notification(Method.tasksChanged, raw: TaskWire.notification(task, meta: subscription)))
            }
        stream.whenClosed = { [self] in
            if let watch { tasks.end(watch) }
            listens.close(key)
            unlisten(principal.id)
            unwatch(subscriptions, for: watcher, of: principal.id)
        }
        stream.conclude = { [listens] in listens.end(key) }
        return Reply(.stream(stream), method: request.method, outcome: "streamed", era: .perRequest)
    }

    /// Those of the URIs that can be watched.
    private func watch(_ uris: [String], for watcher: ResourceWatcher, of owner: String) async -> [String] {
        var watched: [String] = []
        for uri in uris {
            do {
                try await catalog.current.owner(ofResource: uri)?.watch(uri, for: watcher, of: owner)
                watched.append(uri)
            } catch { continue }
        }
        return watched
    }

    private func unwatch(_ uris: [String], for watcher: ResourceWatcher, of owner: String) {
        for uri in uris { catalog.current.owner(ofResource: uri)?.unwatch(uri, for: watcher, of: owner) }
    }

    // MARK: Replies

    private func answer(_ request: Request, _ result: [UInt8]) -> Reply {
        Reply(
            .message(Wire.result(raw: result, id: request.id), status: 200), method: Method.label(request.method),
            outcome: "result", era: .perRequest)
    }

    /// What is found before any handler runs has a status of its own (H-82, H-83).
    private func refuse(_ request: Request, ladder error: RPCError) -> Reply {
        refuse(request, error, status: StatusTable.status(for: error.code, era: .perRequest, ladder: true))
    }

    private func refuse(_ request: Request, _ refusal: RefusedError) -> Reply {
        metrics.refused(refusal.reason)
        return refuse(request, refusal.error, status: refusal.status, retryAfter: 1)
    }

    private func refuse(_ request: Request, _ error: RPCError, status: Int, retryAfter: Int? = nil) -> Reply {
        Reply(
            .message(Wire.error(error, id: request.id, era: .perRequest), status: status),
            method: Method.label(request.method), outcome: status == 200 ? "error" : "rejected", era: .perRequest,
            retryAfter: retryAfter)
    }
}

extension ServerCapabilities {
    /// A method of a capability that is not offered does not exist (H-80).
    fileprivate func offer(_ method: String) -> Bool {
        switch method {
        case Method.promptsList, Method.promptsGet: promptsListChanged != nil
        case Method.resourcesList, Method.resourcesTemplatesList, Method.resourcesRead: resources != nil
        case Method.completionComplete: completions
        case _ where Method.taskRequests.contains(method): extensions?[ExtensionID.tasks] != nil
        default: true
        }
    }
}
