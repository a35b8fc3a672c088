public import FoundationEssentials
import MCPEngine
import MCPProtocol

/// What a resource's function may return.
public protocol ResourceOutput: Sendable {
    /// - Parameters:
    ///   - uri: As asked for.
    ///   - mimeType: As listed.
    func resourceResult(uri: String, mimeType: String?) -> ResourceResult
}

extension String: ResourceOutput {
    public func resourceResult(uri: String, mimeType: String?) -> ResourceResult {
        ResourceResult([ResourceContents(uri: uri, mimeType: mimeType ?? "text/plain", text: self)])
    }
}

extension Data: ResourceOutput {
    public func resourceResult(uri: String, mimeType: String?) -> ResourceResult {
        ResourceResult([ResourceContents(uri: uri, mimeType: mimeType, base64: base64EncodedString())])
    }
}

/// As text.
extension JSON: ResourceOutput {
    public func resourceResult(uri: String, mimeType: String?) -> ResourceResult {
        ResourceResult([ResourceContents(uri: uri, mimeType: mimeType ?? "application/json", text: description)])
    }
}

extension ResourceContents: ResourceOutput {
    public func resourceResult(uri: String, mimeType: String?) -> ResourceResult { ResourceResult([self]) }
}

extension ResourceResult: ResourceOutput {
    public func resourceResult(uri: String, mimeType: String?) -> ResourceResult { self }
}

/// A URI that a template matched.
public struct ResourceMatch: Sendable, Equatable {
    /// As asked for.
    public var uri: String
    /// Decoded, by name.
    public var variables: [String: String]

    /// The value of one of the template's variables; empty for any other name.
    public subscript(name: String) -> String { variables[name] ?? "" }
}

/// Resources: what can be read by its URI. Throw ``ResourceNotFound`` where a URI stands for nothing.
extension MCPServer {
    /// Adds a resource, or replaces the one of that URI.
    ///
    /// - Parameters:
    ///   - uri: What it is read by.
    ///   - name: For programs, and for people where there is no title.
    ///   - description: For people and models.
    ///   - title: For people.
    ///   - mimeType: Of what is read; without it the output's own.
    ///   - size: In bytes.
    ///   - annotations: For whom it is, and how much it matters.
    ///   - body: Reads it.
    public func resource<Output: ResourceOutput>(
        _ uri: String, name: String, _ description: String? = nil, title: String? = nil, mimeType: String? = nil,
        size: Int? = nil, annotations: ContentAnnotations? = nil,
        _ body: @escaping @Sendable (_ context: CallContext) async throws -> Output
    ) {
        let definition = Resource(
            uri: uri, name: name, title: title, description: description, mimeType: mimeType, size: size,
            annotations: annotations)
        add(SwiftResource(definition) { try await body($0).resourceResult(uri: uri, mimeType: mimeType) })
    }

    /// Adds a family of resources, or replaces the one of that template.
    ///
    /// - Parameters:
    ///   - uriTemplate: See ``URITemplate``: `notes://{id}`.
    ///   - name: For programs, and for people where there is no title.
    ///   - description: For people and models.
    ///   - title: For people.
    ///   - mimeType: Of all its members; without it the output's own.
    ///   - annotations: For whom they are, and how much they matter.
    ///   - completion: Proposes values for the variables while they are typed.
    ///   - body: Reads one.
    /// - Throws: ``URITemplate/Fault``.
    public func template<Output: ResourceOutput>(
        _ uriTemplate: String, name: String, _ description: String? = nil, title: String? = nil,
        mimeType: String? = nil, annotations: ContentAnnotations? = nil, completion: SwiftCompletion? = nil,
        _ body: @escaping @Sendable (_ match: ResourceMatch, _ context: CallContext) async throws -> Output
    ) throws {
        let definition = ResourceTemplate(
            uriTemplate: uriTemplate, name: name, title: title, description: description, mimeType: mimeType,
            annotations: annotations)
        let template = try SwiftResourceTemplate(definition, completion: completion) { uri, variables, context in
            let match = ResourceMatch(uri: uri, variables: variables)
            return try await body(match, context).resourceResult(uri: uri, mimeType: mimeType)
        }
        add(template)
    }

    /// Tells everyone who subscribed to `uri` that it holds something else now.
    public func resourceUpdated(_ uri: String) { local.resourceUpdated(uri) }

    /// Adds a resource that was put together by hand, with icons or `_meta`.
    public func add(_ resource: SwiftResource) { local.register(resource) }

    /// Adds a family of resources that was put together by hand.
    public func add(_ template: SwiftResourceTemplate) { local.register(template) }

    /// Takes a resource away. One that is not there need not be.
    public func removeResource(_ uri: String) { local.removeResource(uri) }

    /// Takes a family of resources away. One that is not there need not be.
    public func removeTemplate(_ uriTemplate: String) { local.removeTemplate(uriTemplate) }
}
