package struct ParameterHeaders: Sendable {
    package static let none = ParameterHeaders()
    init() {}
    package init(inputSchema: JSON) throws {}
    package func mismatch(_ headers: RequestHeaders, with arguments: JSON?) -> RPCError? { nil }
}
