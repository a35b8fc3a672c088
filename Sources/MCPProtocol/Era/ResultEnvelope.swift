/// How a result object is written for one version: what goes around the members of its own (H-89).
///
/// In the handshake era nothing does, so that an empty result stays exactly `{}`.
package struct ResultEnvelope: Sendable {
    /// What a result is (M-26).
    package enum Kind: String, Sendable {
        case complete
        case inputRequired = "input_required"
        /// Of the tasks extension.
        case task
    }

    package let version: ProtocolVersion
    /// The bytes of the `serverInfo` in `_meta`; empty where it is not sent.
    private let serverInfo: [UInt8]

    package init(version: ProtocolVersion, serverInfo: Implementation?) {
        self.version = version
        self.serverInfo = version.era == .perRequest ? serverInfo.map { Array($0.json(for: version).bytes) } ?? [] : []
    }

    package func begin(_ writer: inout JSONWriter, _ kind: Kind = .complete) {
        writer.beginObject()
        if version.era == .perRequest { writer.member("resultType", kind.rawValue) }
    }

    /// - Parameters:
    ///   - meta: The result's own `_meta`, an object.
    ///   - cache: For results that can be kept; those must have it.
    package func end(_ writer: inout JSONWriter, meta: JSON? = nil, cache: CacheHint? = nil) {
        if version.era == .perRequest, let cache {
            writer.member("ttlMs", cache.milliseconds)
            writer.member("cacheScope", cache.scope.rawValue)
        }
        if serverInfo.isEmpty {
            if let meta { writer.member("_meta", meta) }
        } else {
            writer.name("_meta")
            writer.beginObject()
            for (name, value) in meta?.members ?? [] where name != MetaKey.serverInfo { writer.member(name, value) }
            writer.name(MetaKey.serverInfo)
            writer.raw(serverInfo)
            writer.endObject()
        }
        writer.endObject()
    }

    /// A whole result: `members` write what is its own.
    package func result(
        _ kind: Kind = .complete, meta: JSON? = nil, cache: CacheHint? = nil,
        _ members: (inout JSONWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = JSONWriter()
        begin(&writer, kind)
        members(&writer)
        end(&writer, meta: meta, cache: cache)
        return writer.bytes
    }
}

extension ResultEnvelope {
    /// Of `ping`, `logging/setLevel`, `tasks/cancel` and the like.
    package var empty: [UInt8] { result() }

    /// One page of a list; `member` is `tools`, `prompts`, `resources` or `resourceTemplates`.
    package func list(_ member: String, _ items: [JSON], nextCursor: String? = nil, cache: CacheHint) -> [UInt8] {
        result(cache: cache) { writer in
            writer.name(member)
            writer.beginArray()
            for item in items { writer.value(item) }
            writer.endArray()
            if let nextCursor { writer.member("nextCursor", nextCursor) }
        }
    }

    /// - Parameter cache: For a result that does not say it itself.
    package func resource(_ resource: ResourceResult, cache: CacheHint) -> [UInt8] {
        result(meta: resource.meta, cache: resource.cache ?? cache) { writer in
            writer.name("contents")
            writer.beginArray()
            for contents in resource.contents { writer.value(contents.json(for: version)) }
            writer.endArray()
        }
    }

    package func prompt(_ prompt: PromptResult) -> [UInt8] {
        result(meta: prompt.meta) { writer in
            if let description = prompt.description { writer.member("description", description) }
            writer.name("messages")
            writer.beginArray()
            for message in prompt.messages { writer.value(message.json(for: version)) }
            writer.endArray()
        }
    }

    package func completion(_ completion: Completion) -> [UInt8] {
        result { $0.member("completion", completion.json) }
    }

    /// Asks the client to call again with answers (M-27). Only for the per-request era.
    /// - Parameter requests: Each as ``InputRequest/json(for:)`` has it.
    package func inputRequired(_ requests: [(key: String, request: JSON)], state: String?) -> [UInt8] {
        result(.inputRequired) { writer in
            if !requests.isEmpty {
                writer.member("inputRequests", .object(requests.map { ($0.key, $0.request) }))
            }
            if let state { writer.member("requestState", state) }
        }
    }
}
