public import MCPProtocol

/// A resource written in Swift: its definition and the function that reads it.
public struct SwiftResource: Sendable {
    /// Reads the resource; the context leads back to the caller.
    public typealias Body = @Sendable (_ context: CallContext) async throws -> ResourceResult

    /// What clients are told about it.
    public let definition: Resource
    package let body: Body

    /// `body` runs whenever it is read.
    public init(_ definition: Resource, body: @escaping Body) {
        self.definition = definition
        self.body = body
    }

    /// A resource that is a text, with the media type of its definition.
    public static func text(
        _ definition: Resource, _ text: @escaping @Sendable () async throws -> String
    ) -> SwiftResource {
        SwiftResource(definition) { _ in
            ResourceResult([
                ResourceContents(uri: definition.uri, mimeType: definition.mimeType, text: try await text())
            ])
        }
    }
}

/// A family of resources: a URI template (RFC 6570, level 1 and `{+name}`) and the function that reads its members.
public struct SwiftResourceTemplate: Sendable {
    /// - Parameters:
    ///   - uri: As asked for.
    ///   - variables: The template's variables, decoded.
    public typealias Body =
        @Sendable (_ uri: String, _ variables: [String: String], _ context: CallContext) async throws
        -> ResourceResult

    /// What clients are told about it.
    public let definition: ResourceTemplate
    package let template: URITemplate
    package let completion: SwiftCompletion?
    package let body: Body

    /// - Throws: When `uriTemplate` is not such a template.
    public init(
        _ definition: ResourceTemplate, completion: SwiftCompletion? = nil, body: @escaping Body
    ) throws {
        self.definition = definition
        self.template = try URITemplate(definition.uriTemplate)
        self.completion = completion
        self.body = body
    }
}

/// Throw it where a URI that matches stands for nothing: the client reads the code of its era (M-04, M-31).
public struct ResourceNotFound: Error, Sendable {
    /// What was asked for.
    public var uri: String
    public init(_ uri: String) { self.uri = uri }
}
