import MCPProtocol
import MCPTesting

@testable import MCPEngine

/// A world that performs the session machine's effects, remembers what it promised, and objects to what must not be.
struct ShadowSession {
    /// One effect of the machine, as the world is told of it. A planted fault changes what it is told.
    enum Effect: Equatable {
        case admission(SessionMachine.Admission)
        case settlement(SessionMachine.Settlement)
        case expiry(SessionMachine.Expiry)
        case attachment(SessionMachine.Attachment)
    }

    enum Fault: String, CaseIterable, Sendable {
        case closesTwice, neverCloses, closesTooEarly, failsNobody, failsTwice, admitsWhileDraining, forgetsToDisplace
        case keepsTheListener, refusesTheActive, releasesAStranger

        func applied(to effect: Effect) -> Effect {
            switch (self, effect) {
            case (.closesTwice, .settlement(var settlement)) where settlement == .init():
                settlement.close = true
                return .settlement(settlement)
            case (.neverCloses, .settlement(var settlement)):
                settlement.close = false
                return .settlement(settlement)
            case (.closesTooEarly, .expiry(var expiry)) where expiry == .init():
                expiry.settlement.close = true
                return .expiry(expiry)
            case (.failsNobody, .expiry(var expiry)):
                expiry.fail = []
                return .expiry(expiry)
            case (.failsTwice, .expiry(var expiry)):
                expiry.fail += expiry.fail
                return .expiry(expiry)
            case (.admitsWhileDraining, .admission(.refuse(.ending))): return .admission(.run)
            case (.forgetsToDisplace, .attachment(.read(let reader, .some))):
                return .attachment(.read(as: reader, displacing: nil))
            case (.keepsTheListener, .settlement(var settlement)):
                settlement.release = []
                return .settlement(settlement)
            case (.refusesTheActive, .admission(.run)): return .admission(.refuse(.gone))
            case (.releasesAStranger, .settlement(var settlement)) where !settlement.release.isEmpty:
                settlement.release[0].reader = ReaderID(-1)
                return .settlement(settlement)
            default: return effect
            }
        }
    }

    private var machine = SessionMachine(limit: 5, now: .zero)
    private var owed: Set<ExchangeKey> = []
    private var readers: [StreamID: ReaderID] = [:]
    private var closes = 0
    private var drained = false
    private var faults: [String] = []
    private let transform: (Effect) -> Effect

    /// Walks a machine through 400 random events; returns what the world objected to.
    static func walk(seed: Int, transform: @escaping (Effect) -> Effect) -> [String] {
        var random = SplitMix64(seed: seed)
        var world = ShadowSession(transform: transform)
        for step in 0..<400 { world.step(UInt64(step + 1), &random) }
        world.finish()
        return world.faults
    }

    private init(transform: @escaping (Effect) -> Effect) {
        self.transform = transform
    }

    private mutating func object(_ fault: String) { faults.append(fault) }

    private mutating func step(_ number: UInt64, _ random: inout SplitMix64) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<40: begin(ExchangeKey(number), .number(.random(in: 0..<3, using: &random)))
        case 40..<70: if let key = owed.randomElement(using: &random) { end(key) }
        case 70..<85: attach(Bool.random(using: &random) ? .listening : StreamID(.random(in: 1..<4, using: &random)))
        case 85..<97: if let (stream, reader) = readers.randomElement(using: &random) { detach(reader, stream) }
        case 97: if Int.random(in: 0..<6, using: &random) == 0 { drain() }
        default: if Int.random(in: 0..<6, using: &random) == 0 { expire() }
        }
        if machine.owed != owed { object("owes \(machine.owed.count), promised \(owed.count)") }
        if machine.attached != readers { object("readers differ") }
        if machine.phase == .closed, !owed.isEmpty || closes != 1 { object("closed, owing or not once") }
        if machine.phase != .closed, closes > 0 { object("closed too early") }
    }

    private mutating func begin(_ key: ExchangeKey, _ id: RequestID) {
        guard case .admission(let admission) = transform(.admission(machine.begin(key, id: id, now: .zero))) else {
            return
        }
        switch admission {
        case .run:
            if drained { object("admitted while draining") }
            owed.insert(key)
        case .refuse(.tooManyInFlight): if owed.count < 5 { object("refused below the limit") }
        case .refuse: if !drained { object("refused while active") }
        }
    }

    private mutating func end(_ key: ExchangeKey) {
        owed.remove(key)
        settle(.settlement(machine.end(key, now: .zero)))
    }

    private mutating func drain() {
        let wasActive = machine.phase == .active
        settle(.settlement(machine.drain()))
        if wasActive, readers[.listening] != nil { object("a drain left the listener") }
        drained = true
    }

    private mutating func expire() {
        guard case .expiry(let expiry) = transform(.expiry(machine.expire())) else { return }
        for key in expiry.fail where owed.remove(key) == nil { object("failed what was not owed") }
        settle(.settlement(expiry.settlement), told: true)
    }

    private mutating func settle(_ effect: Effect, told: Bool = false) {
        guard case .settlement(let settlement) = told ? effect : transform(effect) else { return }
        for release in settlement.release {
            if readers[release.stream] == release.reader {
                readers[release.stream] = nil
            } else {
                object("released a stranger")
            }
        }
        if settlement.close { closes += 1 }
    }

    private mutating func attach(_ stream: StreamID) {
        guard case .attachment(let attachment) = transform(.attachment(machine.attach(to: stream, now: .zero))) else {
            return
        }
        guard case .read(let reader, let displaced) = attachment else { return }
        if readers[stream] != displaced { object("displaced another") }
        readers[stream] = reader
    }

    private mutating func detach(_ reader: ReaderID, _ stream: StreamID) {
        machine.detach(reader, from: stream, now: .zero)
        readers[stream] = nil
    }

    private mutating func finish() {
        drain()
        expire()
        if !owed.isEmpty { object("never answered \(owed.count)") }
        if closes != 1 || machine.phase != .closed { object("closed \(closes) times") }
    }
}
