import MCPProtocol

/// What session ids mean to the server, and what becomes of requests that share one.
enum SessionInquiry {
    /// Nobody's: 32 digits of the seed.
    static func invented(_ seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed &+ 1)
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard let conversation = evidence.conversation else { return }
        var found = SessionEvidence()
        found.text = await caller.ask("tools/list", nil, id: "holdfast-probe-1", conversation)
        evidence.note(found.text, "tools/list")
        var stranger = conversation
        stranger.session = invented(evidence.seed)
        found.unknown = await caller.ask("tools/list", nil, stranger)
        if conversation.session != nil {
            var silent = conversation
            silent.session = nil
            found.missing = await caller.ask("tools/list", nil, silent)
            found.missingInitialized = await caller.notify("notifications/initialized", nil, silent)
        }
        found.equal = await equal(caller, conversation)
        if let other = await caller.converse() {
            found.delete = await caller.delete(other)
            found.afterDelete = await caller.ask("tools/list", nil, other)
            var openAI = other
            openAI.userAgent = "openai-mcp/1.0.0"
            found.afterDeleteAsOpenAI = await caller.ask("tools/list", nil, openAI)
            found.reopened = await caller.open()
            evidence.note(found.reopened?.answer, "initialize")
        }
        if conversation.session != nil {
            found.oddEnds = await OddEnds.look(
                caller, seed: evidence.seed, isProtected: evidence.access?.challenge?.status == 401)
        }
        evidence.sessions = found
    }

    /// Requests with one id at the same time, whose answers can be told apart.
    private static func equal(_ caller: Caller, _ conversation: Caller.Manner) async -> [(
        method: String, answer: Answer
    )] {
        await withTaskGroup { group in
            for round in 0..<8 {
                let method = round.isMultiple(of: 2) ? "tools/list" : "ping"
                group.addTask {
                    (method, await caller.ask(method, nil, id: 7, conversation, within: .seconds(3)))
                }
            }
            return await group.reduce(into: []) { $0.append((method: $1.0, answer: $1.1)) }
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
