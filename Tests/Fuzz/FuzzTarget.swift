import MCPProtocol

/// What reads bytes that a stranger wrote. Each takes any bytes, and must neither crash nor break what is said of it.
enum FuzzTarget: String, CaseIterable {
    case json, sse, lines, headers, classifier, cursors, state

    func play(_ bytes: [UInt8]) {
        switch self {
        case .json: Self.json(bytes)
        case .sse: Self.sse(bytes)
        case .lines: Self.lines(bytes)
        case .headers: Self.headers(bytes)
        case .classifier: Self.classifier(bytes)
        case .cursors: EngineTargets.shared.cursors(bytes)
        case .state: EngineTargets.shared.state(bytes)
        }
    }

    /// What was read can be read again, and means the same; whatever asks about it gets an answer.
    private static func json(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return }
        let again = try? JSON(parsing: Array(json.bytes))
        precondition(again == json, "its own bytes are read as something else")
        precondition(json.detached() == json, "a copy differs")
        walk(json)
        if let message = try? Message(json) { _ = message.meta }
        if let template = json.string { _ = try? URITemplate(template).match(template) }
        _ = try? ParameterHeaders(inputSchema: json).headers(for: json)
    }

    private static func walk(_ json: JSON) {
        _ = (json.string, json.integer, json.number, json.bool)
        for element in json.elements ?? [] { walk(element) }
        for member in json.members ?? [] {
            walk(member.value)
            precondition(json[member.name] != nil, "a member is not found by its name")
        }
    }

    /// Where a stream is cut into pieces makes no difference.
    private static func sse(_ bytes: [UInt8]) {
        func events(_ pieces: [ArraySlice<UInt8>]) -> (events: [SSEEvent], isWhole: Bool, last: String?) {
            var parser = SSEParser(limit: 1_000)
            var events: [SSEEvent] = []
            var isWhole = true
            for piece in pieces { isWhole = parser.add(piece) { events.append($0) } && isWhole }
            return (events, isWhole, parser.lastEventID)
        }
        let whole = events([bytes[...]])
        let cut = Int(bytes.first ?? 0) % (bytes.count + 1)
        precondition(whole == events([bytes[..<cut], bytes[cut...]]), "two pieces are read as something else")
        precondition(whole == events(bytes.indices.map { bytes[$0...$0] }), "single bytes are read as something else")
    }

    private static func lines(_ bytes: [UInt8]) {
        func lines(_ pieces: [ArraySlice<UInt8>]) -> [InputLine] {
            var framer = LineFramer(limit: 100)
            var lines: [InputLine] = []
            for piece in pieces {
                framer.add(piece)
                while let line = framer.next() { lines.append(line) }
            }
            if let rest = framer.rest() { lines.append(rest) }
            return lines
        }
        let whole = lines([bytes[...]])
        let cut = Int(bytes.first ?? 0) % (bytes.count + 1)
        precondition(whole == lines([bytes[..<cut], bytes[cut...]]), "two pieces are read as something else")
    }

    private static func headers(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        precondition(HeaderValue.decode(HeaderValue.encode(text)) == text, "a header is read as something else")
        _ = HeaderValue.decode(text)
        _ = ProtocolVersion(rawValue: text)
        _ = ProtocolVersion.negotiate(text)
    }

    /// Headers, a line each, then the body. What is refused has a status of the table.
    private static func classifier(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: 10, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var headers = RequestHeaders(
            protocolVersion: lines.first.map { [$0] } ?? [], method: lines.dropFirst().first,
            name: lines.dropFirst(2).first.map { [$0] } ?? [])
        for line in lines.dropFirst(3) { headers.addParameter(header: "mcp-param-\(line.prefix(8))", value: line) }
        let body = parts.count > 1 ? Array(parts[1]) : []
        for given in [headers, nil] {
            for tolerance in [[], Tolerance.contradictoryVersions] {
                switch Classifier.classify(body, headers: given, tolerance: tolerance) {
                case .handshake(let inbound): precondition(!inbound.messages.isEmpty, "a request of nothing")
                case .perRequest(let inbound): precondition(inbound.version.era == .perRequest, "in the wrong era")
                case .rejected(let rejection): precondition([400, 404].contains(rejection.status), "\(rejection)")
                }
            }
        }
        _ = Classifier.classifyBodiless(headers: headers)
    }
}
