package import Logging
package import MCPProtocol
import Synchronization

/// An upstream whose tools are chosen, and whose tools and prompts carry a prefix. Neither the catalog nor the upstream
/// itself knows of that.
package final class NamedUpstream: Upstream {
    private let upstream: any Upstream
    private let prefix: String?
    private let filter: UpstreamFilter
    private let logger: Logger
    /// Names that are too long with the prefix and have been reported.
    private let reported = Mutex<Set<String>>([])

    /// - Parameter prefix: Nil leaves names as they are.
    package init(_ upstream: any Upstream, prefix: String?, filter: UpstreamFilter = UpstreamFilter(), logger: Logger) {
        self.upstream = upstream
        self.prefix = prefix
        self.filter = filter
        self.logger = logger
    }

    package var name: String { upstream.name }

    package func observe(_ observer: UpstreamObserver) { upstream.observe(observer) }

    package var watchesResources: Bool { upstream.watchesResources }

    package func watch(_ uri: String, for watcher: ResourceWatcher, of owner: String) async throws(RPCError) {
        try await upstream.watch(uri, for: watcher, of: owner)
    }

    package func unwatch(_ uri: String, for watcher: ResourceWatcher, of owner: String) {
        upstream.unwatch(uri, for: watcher, of: owner)
    }

    package func sessionEnded(_ session: SessionKey) { upstream.sessionEnded(session) }

    // MARK: Out

    package var offer: Offer {
        var offer = upstream.offer
        offer.tools = offer.tools.compactMap { offered in
            guard filter.offers(offered.tool.name), let name = offeredName(offered.tool.name, "tool") else {
                return nil
            }
            var offered = offered
            offered.tool.name = name
            return offered
        }
        offer.prompts = offer.prompts.compactMap { prompt in
            guard let name = offeredName(prompt.name, "prompt") else { return nil }
            var prompt = prompt
            prompt.name = name
            return prompt
        }
        return offer
    }

    /// Nil, and a warning the first time, for one that would be too long: the others are offered all the same.
    private func offeredName(_ name: String, _ kind: String) -> String? {
        guard let prefix else { return name }
        if let offered = OfferedName.make(name, prefix: prefix) { return offered }
        if reported.withLock({ $0.insert("\(kind) \(name)").inserted }) {
            logger.warning(
                "upstream.name_too_long",
                metadata: [
                    "upstream": "\(self.name)", "kind": "\(kind)", "name": "\(name)", "prefix": "\(prefix)",
                    "limit": "\(OfferedName.limit)",
                ])
        }
        return nil
    }

    // MARK: In

    package func prepare(_ work: Work, on exchange: any ExchangePort) async throws -> Work {
        let prepared = try await upstream.prepare(try original(work), on: exchange)
        guard let prefix else { return prepared }
        // What comes back here to be answered has to have the name it came with.
        return try prepared.renamed { OfferedName.make($0, prefix: prefix) }
    }

    package func answer(_ work: Work, on exchange: any ExchangePort) async throws -> [UInt8] {
        try await upstream.answer(try original(work), on: exchange)
    }

    private func original(_ work: Work) throws -> Work {
        let work = try prefix.map { prefix in try work.renamed { OfferedName.original($0, prefix: prefix) } } ?? work
        if case .tool(let name) = work.subject, !filter.offers(name) {
            throw RPCError.invalidParams("Unknown tool: \(name)")
        }
        return work
    }
}

extension Work {
    /// The same work under another name, in what it is about and in its parameters, whose other members keep their bytes.
    func renamed(_ rename: (String) -> String?) throws -> Work {
        switch subject {
        case .tool(let name):
            guard let new = rename(name) else { throw RPCError.invalidParams("Unknown tool: \(name)") }
            return Work(.tool(new), params: params.replacing("name", with: JSON(new)))
        case .prompt(let name):
            guard let new = rename(name) else { throw RPCError.invalidParams("Unknown prompt: \(name)") }
            return Work(.prompt(new), params: params.replacing("name", with: JSON(new)))
        case .completion(var request):
            guard case .prompt(let name) = request.reference else { return self }
            guard let new = rename(name) else { throw RPCError.invalidParams("Unknown prompt: \(name)") }
            request.reference = .prompt(name: new)
            let reference = params["ref"].map { $0.replacing("name", with: JSON(new)) } ?? request.reference.json
            return Work(.completion(request), params: params.replacing("ref", with: reference))
        case .resource, .subscription:
            return self
        }
    }
}

extension JSON {
    /// An object with one value replaced in its place; the others keep their bytes.
    fileprivate func replacing(_ name: String, with value: JSON) -> JSON {
        .object((members ?? []).map { ($0.name, $0.name == name ? value : $0.value) })
    }
}
