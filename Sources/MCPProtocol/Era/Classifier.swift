/// Tells which era a request belongs to: by its body first, by its headers as a cross-check (§2.2).
///
/// Pure. What it passes on has the right shape; whether the session exists, the method is known and a batch is allowed
/// is for others to say.
package enum Classifier {
    /// A POST, or a line of a transport without headers.
    /// - Parameter headers: Nil where there are none by design (stdio): the body alone decides then (T-20, §7).
    package static func classify(
        _ body: [UInt8], headers: RequestHeaders?, limits: JSON.Limits = JSON.Limits(), tolerance: Tolerance = []
    ) -> Inbound {
        let header = VersionHeader(headers?.protocolVersion ?? [])
        let headerEra: Era = header.isPerRequest ? .perRequest : .handshake
        let json: JSON
        do {
            json = try JSON(parsing: body, limits: limits)
        } catch {
            return .rejected(Rejection(.parseError("\(error)"), id: nil, era: headerEra))
        }
        if let elements = json.elements { return batch(elements, header) }
        let message: Message
        do {
            message = try Message(json)
        } catch {
            let claims = VersionClaim(meta: json["params"]?["_meta"]).isPresent
            return .rejected(Rejection(error.error, id: error.id, era: claims ? .perRequest : headerEra))
        }
        switch message {
        case .request(let request):
            return classify(request, header, headers, tolerance)
        case .notification:
            return classify(notification: message, header, tolerance)
        case .response:
            // Only sessions have requests of the server to answer (E-12, H-71).
            if header.isPerRequest, !tolerance.contains(.contradictoryVersions) {
                let error = RPCError.invalidRequest("This protocol version has no responses of clients")
                return .rejected(Rejection(error, id: nil, era: .perRequest))
            }
            return header.isPerRequest ? tolerated([message], header) : handshake([message], header)
        }
    }

    /// What the headers alone say, for a refusal that comes before the body is read.
    package static func era(of headers: RequestHeaders) -> Era {
        VersionHeader(headers.protocolVersion).isPerRequest ? .perRequest : .handshake
    }

    /// A GET or DELETE, which only the handshake era has (E-10).
    package static func classifyBodiless(headers: RequestHeaders, tolerance: Tolerance = []) -> Inbound {
        let header = VersionHeader(headers.protocolVersion)
        guard header.isPerRequest else { return handshake([], header) }
        if tolerance.contains(.contradictoryVersions) { return tolerated([], header) }
        let error = RPCError.invalidRequest("This protocol version has POST only")
        return .rejected(Rejection(status: 405, error: error, id: nil, era: .perRequest))
    }

    // MARK: Requests (E-13)

    private static func classify(
        _ request: Request, _ header: VersionHeader, _ headers: RequestHeaders?, _ tolerance: Tolerance
    ) -> Inbound {
        let message = Message.request(request)
        let claim = VersionClaim(meta: request.meta)
        let isInitialize = request.method == Method.initialize
        func refuse(_ error: RPCError) -> Inbound { .rejected(Rejection(error, id: request.id, era: .perRequest)) }

        if isInitialize, !header.isPerRequest, !claimsPerRequest(claim) {
            // The body negotiates, so the header does not count (row 1; H-45).
            return .handshake(HandshakeInbound(messages: [message], headerVersion: header.handshakeVersion))
        }
        if tolerance.contains(.contradictoryVersions), contradict(claim, header, headers) {
            return tolerated([message], header)
        }

        let version: String
        let capabilities: JSON
        switch claim {
        case .none:
            guard header.isPerRequest else { return handshake([message], header) }  // rows 11 and 12
            if isInitialize {
                return refuse(.headerMismatch("initialize belongs to earlier versions than the header names"))  // row 2
            }
            return refuse(missing([MetaKey.protocolVersion, MetaKey.clientCapabilities]))  // row 10
        case .malformed(let keys):
            return refuse(missing(keys))  // row 4
        case .version(let claimed, let claimedCapabilities):
            (version, capabilities) = (claimed, claimedCapabilities)
        }

        let known = ProtocolVersion(rawValue: version)
        if known?.era == .handshake { return refuse(unsupported(version)) }  // row 5
        if headers != nil {
            guard let headerText = header.text else {
                return refuse(.headerMismatch("The MCP-Protocol-Version header is missing"))  // row 7
            }
            guard headerText.utf8.elementsEqual(version.utf8), !header.contradictsItself else {
                // Row 8.
                return refuse(.headerMismatch("The MCP-Protocol-Version header differs from the body's version"))
            }
        }
        guard let known else { return refuse(unsupported(version)) }  // row 6
        if isInitialize { return refuse(.methodNotFound(request.method)) }  // row 3
        if let headers, let mismatch = RoutingHeaders.mismatch(headers, with: request) { return refuse(mismatch) }
        return .perRequest(  // row 9
            PerRequestInbound(
                message: message, version: known, capabilities: capabilities,
                clientInfo: request.meta?[MetaKey.clientInfo]))
    }

    private static func claimsPerRequest(_ claim: VersionClaim) -> Bool {
        if case .version(let version, _) = claim { VersionHeader.isPerRequest(version) } else { false }
    }

    /// Header of one era, body of the other. `Mcp-Method` is a sign that the header is meant.
    private static func contradict(_ claim: VersionClaim, _ header: VersionHeader, _ headers: RequestHeaders?) -> Bool {
        claim.isPresent ? header.handshakeVersion != nil : header.isPerRequest && headers?.method == nil
    }

    // MARK: Notifications (E-15)

    private static func classify(
        notification: Message, _ header: VersionHeader, _ tolerance: Tolerance
    ) -> Inbound {
        let claim = VersionClaim(meta: notification.meta)
        if tolerance.contains(.contradictoryVersions),
            claim.isPresent ? header.handshakeVersion != nil : header.isPerRequest
        {
            return tolerated([notification], header)
        }
        func refuse(_ error: RPCError) -> Inbound { .rejected(Rejection(error, id: nil, era: .perRequest)) }
        switch claim {
        case .none:
            guard header.isPerRequest, let text = header.text else { return handshake([notification], header) }
            guard let version = ProtocolVersion(rawValue: text) else { return refuse(unsupported(text)) }
            return .perRequest(PerRequestInbound(message: notification, version: version, capabilities: [:]))
        case .malformed(let keys):
            return refuse(missing(keys))
        case .version(let version, let capabilities):
            // No rule demands headers here, but one that is there must not say something else (H-72).
            if header.contradictsItself || header.text.map({ $0.utf8.elementsEqual(version.utf8) }) == false {
                return refuse(.headerMismatch("The MCP-Protocol-Version header differs from the body's version"))
            }
            guard let known = ProtocolVersion(rawValue: version), known.era == .perRequest else {
                return refuse(unsupported(version))
            }
            return .perRequest(
                PerRequestInbound(
                    message: notification, version: known, capabilities: capabilities,
                    clientInfo: notification.meta?[MetaKey.clientInfo]))
        }
    }

    // MARK: Batches (E-11, H-30, H-31)

    private static func batch(_ elements: [JSON], _ header: VersionHeader) -> Inbound {
        func refuse(_ message: String, _ era: Era) -> Inbound {
            .rejected(Rejection(.invalidRequest(message), id: nil, era: era))
        }
        let era: Era = header.isPerRequest ? .perRequest : .handshake
        if elements.isEmpty { return refuse("A batch must not be empty", era) }
        if header.isPerRequest { return refuse("This protocol version has no batches", era) }
        var messages: [Message] = []
        messages.reserveCapacity(elements.count)
        var initializes = false
        for (index, element) in elements.enumerated() {
            do {
                let message = try Message(element)
                if VersionClaim(meta: message.meta).isPresent {
                    return refuse("Element \(index): this protocol version has no batches", .perRequest)
                }
                if case .request(let request) = message, request.method == Method.initialize { initializes = true }
                messages.append(message)
            } catch {
                return refuse("Element \(index): \(error.error.message)", era)
            }
        }
        if initializes {
            if messages.count > 1 { return refuse("initialize must not be sent together with other messages", era) }
            return .handshake(
                HandshakeInbound(messages: messages, isBatch: true, headerVersion: header.handshakeVersion))
        }
        return handshake(messages, header, isBatch: true)
    }

    // MARK: Answers

    private static func handshake(_ messages: [Message], _ header: VersionHeader, isBatch: Bool = false) -> Inbound {
        if case .unknown(let text) = header.value {
            let error = RPCError.unsupportedVersion(requested: text, supported: ProtocolVersion.handshakeVersions)
            var id: RequestID?
            if messages.count == 1, case .request(let request) = messages[0] { id = request.id }
            return .rejected(Rejection(error, id: id, era: .handshake))
        }
        return .handshake(
            HandshakeInbound(messages: messages, isBatch: isBatch, headerVersion: header.handshakeVersion))
    }

    private static func tolerated(_ messages: [Message], _ header: VersionHeader) -> Inbound {
        .handshake(
            HandshakeInbound(
                messages: messages, headerVersion: header.handshakeVersion, toleranceUsed: .contradictoryVersions))
    }

    private static func missing(_ keys: [String]) -> RPCError {
        .invalidParams("Missing or of the wrong type in params._meta: \(keys.joined(separator: ", "))")
    }

    private static func unsupported(_ version: String) -> RPCError {
        .unsupportedVersion(requested: version, supported: ProtocolVersion.perRequestVersions)
    }
}
