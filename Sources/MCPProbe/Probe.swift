/// Talks to an MCP server as real clients do, and says what they would make of it.
package struct Probe: Sendable {
    package struct Options: Sendable {
        package var bearer: String?
        package var client: ProbedClient?
        /// Nil for all that do not take long.
        package var checks: [Check]?
        /// Also calls tools that do not say that they change nothing, and takes its time.
        package var isAggressive = false
        /// A PEM file of authorities that are trusted besides the usual ones.
        package var authorities: String?
        package var seed: UInt64
        /// How long an idle stream is watched; nil for the usual time.
        package var watch: Duration?

        package init(seed: UInt64) { self.seed = seed }
    }

    /// Whether a file has certificates in PEM.
    package static func canTrust(_ path: String) -> Bool { ProbeClient.canTrust(path) }

    private let target: ProbeTarget
    private let options: Options
    private let progress: @Sendable (Inquiry) -> Void

    package init(
        _ target: ProbeTarget, _ options: Options, progress: @escaping @Sendable (Inquiry) -> Void = { _ in }
    ) {
        (self.target, self.options, self.progress) = (target, options, progress)
    }

    /// - Parameter date: What is written into the report as its beginning.
    package func run(at date: String) async -> ProbeReport {
        var evidence = Evidence(
            target: target, hasBearer: options.bearer != nil, isAggressive: options.isAggressive, seed: options.seed)
        evidence.watch = options.watch ?? evidence.watch
        let time = Duration.seconds(options.isAggressive ? 170 : 90) + (plan.contains(.idle) ? evidence.watch : .zero)
        let client = ProbeClient(limit: time, authorities: options.authorities)
        var caller = Caller(client: client, target: target, bearer: options.bearer)
        for inquiry in Inquiry.allCases where plan.contains(inquiry) {
            guard isWorthwhile(inquiry, evidence), !client.isOutOfTime else { continue }
            progress(inquiry)
            await inquiry.run(&caller, &evidence)
        }
        await caller.endAll()
        let took = client.now
        await client.shutdown()
        evidence.race?.conceal(options.bearer)
        let (findings, states) = Judge.findings(
            evidence, checks: options.checks ?? CheckList.all, demands: Demands(options.client))
        return ProbeReport(
            url: target.url, client: options.client, began: date, took: took, evidence: evidence,
            findings: findings.map { $0.concealing(options.bearer) }, states: states)
    }

    private var plan: Set<Inquiry> {
        guard let checks = options.checks else {
            return Set(Inquiry.allCases.filter { !$0.isExtra || options.isAggressive })
        }
        // A finding that explains another must be seen as well.
        let causes = checks.flatMap { check in check.causes.compactMap { CheckList.byID[$0]?.inquiry } }
        let wanted = checks.map(\.inquiry) + causes
        return Set(wanted + wanted.flatMap(\.needs))
    }

    /// Without what came before it, an inquiry would only find the same again.
    private func isWorthwhile(_ inquiry: Inquiry, _ evidence: Evidence) -> Bool {
        switch inquiry {
        case .address: return true
        case .certificate, .opening: return evidence.address?.accepting.isEmpty == false
        case .access: return evidence.opening?.trouble == nil && evidence.opening?.first.answer.status != nil
        case .tools: return evidence.canTalk
        case .eras: return evidence.isPerRequest || (evidence.conversation != nil && evidence.isOpen)
        // What it says to who has no token, a browser must be able to read as well.
        case .browser: return isWorthwhile(.eras, evidence) || evidence.access?.challenge?.status == 401
        case .results: return evidence.isUsable && (evidence.conversation == nil || evidence.isOpen)
        case .sessions, .errors, .streams, .race, .idle:
            return evidence.conversation != nil && evidence.isUsable && evidence.isOpen
        }
    }
}

extension Inquiry {
    fileprivate func run(_ caller: inout Caller, _ evidence: inout Evidence) async {
        switch self {
        case .address:
            evidence.address = await AddressBook.look(for: caller.target, client: caller.client)
        case .certificate: await CertificateInquiry.run(caller, &evidence)
        case .opening: await OpeningInquiry.run(&caller, &evidence)
        case .access: await AccessInquiry.run(caller, &evidence)
        case .eras: await EraInquiry.run(caller, &evidence)
        case .tools: await ToolInquiry.run(caller, &evidence)
        case .sessions: await SessionInquiry.run(caller, &evidence)
        case .errors: await ErrorInquiry.run(caller, &evidence)
        case .streams: await StreamInquiry.run(caller, &evidence)
        case .browser: await BrowserInquiry.run(caller, &evidence)
        case .race: await RaceInquiry.run(caller, &evidence)
        case .results: await ResultInquiry.run(caller, &evidence)
        case .idle: await IdleInquiry.run(caller, &evidence)
        }
    }
}

// A server may repeat the token, in an error for example.

extension ProbeReport.Finding {
    fileprivate func concealing(_ token: String?) -> ProbeReport.Finding {
        guard let token else { return self }
        var finding = self
        finding.saw = saw.replacing(token, with: "(the token)")
        return finding
    }
}

extension RaceEvidence {
    fileprivate mutating func conceal(_ token: String?) {
        guard let token else { return }
        for index in trials.indices { trials[index].saw = trials[index].saw.replacing(token, with: "(the token)") }
    }
}
