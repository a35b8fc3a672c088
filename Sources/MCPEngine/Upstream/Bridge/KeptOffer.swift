import Logging
package import MCPProtocol

/// What a server behind us offered when it was last asked, as it is kept over restarts: its definitions, verbatim.
package struct KeptOffer: Equatable, Sendable {
    /// Of how the server is reached: an offer of another one under the same name is of no use.
    package var fingerprint: String
    package var era: Era
    /// `{tools, prompts, resources, resourceTemplates, instructions, completes, makesTasks}`: its lists, put together from their
    /// pages, and what it tells the model.
    package var lists: JSON

    package init(fingerprint: String, era: Era, lists: JSON) {
        self.fingerprint = fingerprint
        self.era = era
        self.lists = lists
    }

    /// What of it can be offered. A definition that cannot be read hides nothing but itself.
    func offer(logger: Logger) -> Offer {
        var offer = Offer()
        func read<Item>(_ kind: ListKind, _ make: (JSON) throws(ShapeError) -> Item) -> [Item] {
            (lists[kind.member]?.elements ?? []).compactMap { json in
                do throws(ShapeError) {
                    return try make(json)
                } catch {
                    let name = json["name"]?.string?.prefix(128) ?? "?"
                    logger.warning(
                        "upstream.item_hidden",
                        metadata: ["list": "\(kind.member)", "name": "\(name)", "error": "\(error.rpcError.message)"])
                    return nil
                }
            }
        }
        offer.tools = read(.tools) { json throws(ShapeError) in
            let tool = try Tool(passing: json)
            // A client must leave out a tool whose annotations for headers are not valid (B-100).
            if era == .perRequest,
                case .failure(let fault) = Result(catching: { try ParameterHeaders(inputSchema: tool.inputSchema) })
            {
                throw ShapeError("inputSchema", "a schema with valid x-mcp-header (\(fault))")
            }
            // Clients that know tasks may have it as one of ours; for others it is waited for within the call (B-81, B-83).
            let isTask = era == .handshake && json["execution"]?["taskSupport"]?.string == "required"
            return Offer.OfferedTool(tool, tasks: isTask ? .optional : .none)
        }
        offer.prompts = read(.prompts) { json throws(ShapeError) in try Prompt(passing: json) }
        offer.resources = read(.resources) { json throws(ShapeError) in try Resource(passing: json) }
        offer.templates = read(.templates) { json throws(ShapeError) in
            let template = try ResourceTemplate(passing: json)
            guard let pattern = try? URITemplate(template.uriTemplate) else {
                throw ShapeError("uriTemplate", "a URI template of RFC 6570, level 1 to 3")
            }
            return Offer.OfferedTemplate(template, pattern)
        }
        offer.completes = lists["completes"]?.bool == true
        offer.makesTasks = lists["makesTasks"]?.bool == true
        offer.instructions = lists["instructions"]?.string
        return offer
    }
}

/// Where offers are kept, so that the lists are there before the servers are. Any number of processes may write; the
/// last one wins.
package protocol OfferStore: Sendable {
    /// What `upstream` offered last; nil when nothing is known.
    func keptOffer(of upstream: String) async throws -> KeptOffer?
    func keepOffer(_ offer: KeptOffer, of upstream: String) async throws
}
