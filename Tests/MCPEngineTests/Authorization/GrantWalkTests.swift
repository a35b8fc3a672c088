import Foundation
import MCPEngine
import MCPTesting
import Testing

/// Clients, thieves and lost answers at random, against a world that keeps what was really given out.
@Suite struct GrantWalkTests {
    @Test(.requirement("A-24", "A-25"), arguments: 0..<400)
    func aGrantGivesNobodyMoreThanWasAgreed(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        var world = ShadowGrant()
        for _ in 0..<120 { try world.step(&random) }
    }
}

/// Everything that was ever given out, in order, in the clear: what the machine must know with one hash.
private struct ShadowGrant {
    private var machine = Grants.machine(refreshes: true)
    private let lifetimes: GrantMachine.Lifetimes = {
        var lifetimes = GrantMachine.Lifetimes()
        lifetimes.access = .seconds(500)
        lifetimes.refresh = .seconds(1000)
        return lifetimes
    }()
    private var now = 0.0
    private var chain = [Grants.code]
    private var answers: [GrantIssue] = []
    private var turned = 0.0
    private var ended = false
    private var returned: Set<String> = []

    struct Objection: Error { var what: String }

    mutating func step(_ random: inout SplitMix64) throws {
        now += Double([0, 1, 20, 59, 61, 400].randomElement(using: &random) ?? 0)
        switch Int.random(in: 0..<10, using: &random) {
        case 0: try redeem(forged: false)
        case 1: try redeem(forged: true)
        case 2...5: try refresh(chain.last, client: "client")
        case 6: try refresh(chain.randomElement(using: &random), client: "client")
        case 7: try refresh(chain.dropLast().last, client: "client")
        case 8: try refresh(chain.randomElement(using: &random), client: "thief")
        default: try giveBack(Bool.random(using: &random) ? answers.randomElement(using: &random) : nil)
        }
        try look()
    }

    private mutating func redeem(forged: Bool) throws {
        var presentation = Grants.presentation()
        if forged { presentation.code.secret[3] ^= 0x40 }
        let before = machine
        let answer = machine.redeem(presentation, lifetimes, at: .at(now))
        if forged {
            try agree(answer == .refused(.unknown) && machine == before, "a forged code does nothing")
        } else if ended {
            try agree(answer == .refused(.ended), "an ended grant stays ended")
        } else if chain.count > 1 {
            ended = true
            try agree(answer == .refused(.reused), "a code is good once")
        } else if now >= 60 {
            ended = true
            try agree(answer == .refused(.expired), "a code expires")
        } else {
            try take(answer)
        }
    }

    private mutating func refresh(_ token: GrantSecret?, client: String) throws {
        guard let token, token.kind == .refresh else { return }
        let place = token.generation
        let before = machine
        let answer = machine.refresh(token, client: client, lifetimes, at: .at(now))
        if ended {
            try agree(answer == .refused(.ended), "an ended grant stays ended")
        } else if client != "client" {
            try agree(answer == .refused(.otherClient) && machine == before, "a thief gets nothing and breaks nothing")
        } else if now >= turned + 1000 {
            ended = true
            try agree(answer == .refused(.expired), "what is not renewed ends")
        } else if place == chain.count - 1 {
            try take(answer)
        } else if place == chain.count - 2, now < turned + 60, let last = answers.last {
            if returned.contains(last.access.text) {
                try agree(answer == .refused(.ended), "what was given back is not given out again")
            } else {
                var again = last
                again.isAgain = true
                try agree(answer == .issued(again) && machine == before, "within the grace comes the same")
            }
        } else {
            ended = true
            try agree(answer == .refused(.reused), "what was used before ends everything")
        }
    }

    private mutating func take(_ answer: GrantAnswer) throws {
        guard case .issued(let issue) = answer, !issue.isAgain else { throw Objection(what: "no tokens: \(answer)") }
        let seen = chain.map(\.text) + answers.map(\.access.text)
        try agree(!seen.contains(issue.refresh.text) && !seen.contains(issue.access.text), "secrets are new")
        chain.append(issue.refresh)
        answers.append(issue)
        turned = now
    }

    private mutating func giveBack(_ issue: GrantIssue?) throws {
        guard let issue else { return }
        _ = machine.giveBack(issue.access, lifetimes, at: .at(now))
        returned.insert(issue.access.text)
        try agree(machine.phase != .ended || ended, "an access token ends only itself")
    }

    private func look() throws {
        try agree((machine.phase == .ended) == ended, "the phase is \(machine.phase)")
        let good = Set(answers.suffix(4).map(\.access.text)).subtracting(returned)
        for issue in answers {
            let isKnown = machine.expiry(of: issue.access) != nil
            try agree(
                !isKnown || (!ended && !returned.contains(issue.access.text)), "a token is good that should not be")
            // Those that had expired when the next came are gone early.
            let isFresh = now < (machine.expiry(of: issue.access)?.timeIntervalSince(.at(0)) ?? 0)
            try agree(isKnown || ended || !good.contains(issue.access.text) || !isFresh, "a good token is refused")
        }
        try agree(machine.access.count <= 4, "the table has a bound")
        if let last = answers.last, !ended, !returned.contains(last.access.text) {
            try agree(machine.expiry(of: last.access) != nil, "the newest access token is good")
        }
    }

    private func agree(_ holds: Bool, _ what: String) throws {
        if !holds { throw Objection(what: "\(what) (at \(now), generation \(chain.count - 1))") }
    }
}
