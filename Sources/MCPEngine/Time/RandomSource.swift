/// Where chance comes from; a simulation deals it from a seed, so that a run can be had again.
package protocol RandomSource: Sendable {
    func next() -> UInt64
}

/// The system's cryptographic source.
package struct SystemRandom: RandomSource {
    package init() {}

    package func next() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

/// A source as the standard library takes it.
package struct Chance: RandomNumberGenerator {
    private let source: any RandomSource

    package init(_ source: any RandomSource) {
        self.source = source
    }

    package mutating func next() -> UInt64 { source.next() }
}
