public struct URITemplate: Sendable, Equatable {
    var text: String
    public init(_ text: String) throws { self.text = text }
    package func match(_ uri: String) -> [String: String]? { nil }
}
