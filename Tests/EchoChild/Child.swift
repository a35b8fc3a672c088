import MCPProtocol

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One thread that reads, answers and keeps time.
struct Child {
    private let behaviour: Behaviour
    private var framer = LineFramer(limit: 256 << 20)
    var output: [UInt8] = []
    /// Calls that are answered later, by when.
    var sleepers: [(due: ContinuousClock.Instant, id: RequestID, result: JSON)] = []
    /// Calls that wait for the client's answer to a request of ours.
    var asking: [RequestID: RequestID] = [:]
    /// Calls that are never answered.
    var forgotten: Set<RequestID> = []
    var questions = 0
    private var hasBeenAsked = false
    private var hasAnswered = false

    init(_ behaviour: Behaviour) {
        self.behaviour = behaviour
    }

    mutating func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        if behaviour.ignoreTermination { signal(SIGTERM, SIG_IGN) }
        if behaviour.hold { Pipes.waitForEver() }
        while behaviour.spam { Pipes.write(Array(repeating: UInt8(ascii: "s"), count: 4096) + [0x0A]) }
        if behaviour.banner { Pipes.write(Array("Welcome!\n\n{ready}\n".utf8)) }
        if behaviour.fillErrors > 0 {
            let line = Array(repeating: UInt8(ascii: "e"), count: 99) + [0x0A]
            for _ in 0..<(behaviour.fillErrors / 100) { Pipes.write(line, to: 2) }
        }
        if behaviour.neverRead { Pipes.waitForEver() }
        while let bytes = Pipes.read(within: timeout) {
            framer.add(bytes)
            while case .text(let line) = framer.next() { take(line) }
            wake()
            if !output.isEmpty, !Pipes.write(output) { return 2 }
            output.removeAll(keepingCapacity: true)
        }
        if behaviour.ignoreEnd { Pipes.waitForEver() }
        return 0
    }

    private var timeout: Int32 {
        guard let next = sleepers.map(\.due).min() else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: next).components
        return Int32(max(0, seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1))
    }

    private mutating func wake() {
        guard !sleepers.isEmpty else { return }
        let now = ContinuousClock.now
        for sleeper in sleepers.filter({ $0.due <= now }) { answer(sleeper.id, sleeper.result) }
        sleepers.removeAll { $0.due <= now }
    }

    // MARK: In

    private mutating func take(_ line: [UInt8]) {
        guard let json = try? JSON(parsing: line) else { return }
        for json in json.elements ?? [json] {
            guard let message = try? Message(json) else { continue }
            take(message)
        }
    }

    private mutating func take(_ message: Message) {
        let isFirst = !hasBeenAsked
        hasBeenAsked = true
        switch message {
        case .notification(let notification):
            guard notification.method == Method.cancelled else { return }
            let id = notification.params?["requestId"].flatMap { RequestID($0) }
            sleepers.removeAll { $0.id == id }
            if let id { forgotten.remove(id) }
        case .response(let response):
            guard let id = response.id, let call = asking.removeValue(forKey: id) else { return }
            answer(call, text((response.result ?? response.error)?.description ?? ""))
        case .request(let request):
            if isFirst, behaviour.exitOnUnknown, request.method != Method.initialize { exit(1) }
            if isFirst, behaviour.silentFirst { return }
            answer(request)
        }
    }

    private mutating func answer(_ request: Request) {
        switch request.method {
        case Method.initialize where !behaviour.perRequest:
            answer(
                request.id,
                [
                    "protocolVersion": request.params?["protocolVersion"] ?? "2025-11-25",
                    "capabilities": ["tools": ["listChanged": true], "logging": [:]], "serverInfo": Self.identity,
                ])
        case Method.serverDiscover where behaviour.perRequest:
            answer(
                request.id,
                [
                    "supportedVersions": ["2026-07-28"], "capabilities": ["tools": ["listChanged": true]],
                    "ttlMs": 0, "cacheScope": "private",
                ])
        case Method.ping where !behaviour.perRequest: answer(request.id, [:])
        case Method.toolsList:
            answer(request.id, ["tools": Self.tools, "ttlMs": 0, "cacheScope": "private"])
        case Method.toolsCall: call(request)
        default: refuse(request.id, RPCError.Code.methodNotFound, "Method not found")
        }
    }

    // MARK: Out

    static let identity: JSON = ["name": "echochild", "version": "1.0.0"]

    func text(_ text: String) -> JSON { ["content": [["type": "text", "text": JSON(text)]]] }

    mutating func answer(_ id: RequestID, _ result: JSON) {
        var result = result
        if behaviour.perRequest {
            let meta: JSON = .object([(MetaKey.serverInfo, Self.identity)])
            result = .object([("resultType", "complete")] + (result.members ?? []).map { ($0, $1) } + [("_meta", meta)])
        }
        answer(Wire.result(result, id: id))
    }

    mutating func refuse(_ id: RequestID, _ code: Int, _ message: String) {
        answer(Wire.error(RPCError(code: code, message: message), id: id, era: .handshake))
    }

    private mutating func answer(_ message: [UInt8]) {
        if behaviour.hugeLine > 0, !hasAnswered { say(Array(repeating: 0x78, count: behaviour.hugeLine)) }
        hasAnswered = true
        if behaviour.invalidUTF8 { say([0xFF, 0xC0, 0x80, 0x7B]) }
        if behaviour.garbage { say(Array("\n  \n{\"jsonrpc\":\"2.0\",\r\nnull\n[]\n[7]\n{\"id\":{}}\ntrue".utf8)) }
        if behaviour.unknownAnswers { say(Wire.result([:], id: .string("never"))) }
        for _ in 0..<(behaviour.twice ? 2 : 1) {
            say(behaviour.batch ? [UInt8(ascii: "[")] + message + [UInt8(ascii: "]")] : message)
        }
    }

    mutating func say(_ line: [UInt8]) {
        output += line
        output.append(UInt8(ascii: "\n"))
    }
}
