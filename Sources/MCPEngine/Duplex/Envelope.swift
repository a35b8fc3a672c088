import MCPProtocol

/// What a channel must know of a message to pass it on: no more than who it is for and what it is called.
struct Envelope {
    /// Of a request; nil for anything that is not one.
    var id: RequestID?
    var isInitialize = false
    /// A notification or a response: nobody waits for an answer.
    var isOneWay = false
    /// The request that `notifications/cancelled` means.
    var cancels: RequestID?
    /// It states its version itself, so it belongs to no session.
    var hasClaim = false

    /// Never fails: what cannot be read is for the gateway to refuse.
    init(_ bytes: [UInt8], limits: JSON.Limits) {
        guard let json = try? JSON(parsing: bytes, limits: limits), json.kind == .object else { return }
        guard let message = try? Message(json) else {
            id = json["method"] == nil ? nil : json["id"].flatMap { RequestID($0) }
            return
        }
        hasClaim = message.meta?[MetaKey.protocolVersion] != nil
        switch message {
        case .request(let request):
            id = request.id
            isInitialize = request.method == Method.initialize
        case .notification(let notification):
            isOneWay = true
            if notification.method == Method.cancelled {
                cancels = notification.params?["requestId"].flatMap { RequestID($0) }
            }
        case .response: isOneWay = true
        }
    }
}
