import MCPProtocol

/// Reads all lists of a server behind us, page by page.
struct OfferReader: Sendable {
    let conversation: UpstreamConversation
    let limits: UpstreamLimits
    let identity: Implementation

    /// As ``KeptOffer/lists`` has them.
    /// - Throws: ``LinkFailure`` when a list cannot be read now, or exceeds a bound; `CancellationError`.
    func read() async throws -> JSON {
        guard let opened = conversation.opened else {
            throw LinkFailure(.closed, mayHaveBegun: false, "it is not open")
        }
        var lists: [(String, JSON)] = []
        var bytes = 0
        for kind in ListKind.allCases {
            var items: [JSON] = []
            if opened.offers(kind.capability) { items = try await read(kind) }
            bytes += items.reduce(0) { $0 + $1.bytes.count }
            guard bytes <= limits.offerBytes else {
                throw LinkFailure(.tooLarge, mayHaveBegun: true, "its lists exceed \(limits.offerBytes) bytes")
            }
            lists.append((kind.member, JSON(items)))
        }
        if let instructions = opened.result["instructions"], instructions.kind == .string {
            lists.append(("instructions", instructions))
        }
        lists.append(("completes", JSON(opened.offers("completions"))))
        lists.append(("makesTasks", JSON(opened.makesTasks)))
        return .object(lists)
    }

    private func read(_ kind: ListKind) async throws -> [JSON] {
        var items: [JSON] = []
        var cursor: String?
        for _ in 0..<limits.pages {
            var params: [(String, JSON)] = []
            if let cursor { params.append(("cursor", JSON(cursor))) }
            if conversation.version.era == .perRequest {
                params.append(("_meta", ConversationOpener.meta(conversation.version, identity, capabilities: [:])))
            }
            let response = try await conversation.request(
                kind.method, within: limits.listTime, params: params.isEmpty ? nil : .object(params))
            guard let result = response.result else {
                // Some servers offer resources and know no templates, or offer what they have not written yet.
                if cursor == nil, response.error?["code"]?.integer == Int64(RPCError.Code.methodNotFound) { return [] }
                let message = response.error?["message"]?.string ?? ""
                throw LinkFailure(.malformed, mayHaveBegun: true, "\(kind.method) got an error: \(message.prefix(200))")
            }
            guard let page = result[kind.member]?.elements else {
                throw LinkFailure(.malformed, mayHaveBegun: true, "\(kind.method) was answered without \(kind.member)")
            }
            items += page.map { $0.detached() }
            guard items.count <= limits.items else {
                throw LinkFailure(.tooLarge, mayHaveBegun: true, "\(kind.method) has more than \(limits.items) items")
            }
            guard let next = result["nextCursor"]?.string, next != cursor else { return items }
            cursor = next
        }
        throw LinkFailure(.tooLarge, mayHaveBegun: true, "\(kind.method) has more than \(limits.pages) pages")
    }
}

extension ListKind {
    /// The capability that offers it.
    fileprivate var capability: String {
        switch self {
        case .tools: "tools"
        case .prompts: "prompts"
        case .resources, .templates: "resources"
        }
    }
}
