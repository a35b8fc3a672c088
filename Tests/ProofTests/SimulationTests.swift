import MCPTesting
import Testing

/// That the simulation can be trusted with a seed. What it finds, it says itself: `make test` plays 20,000 schedules.
@Suite(.timeLimit(.minutes(5))) struct SimulationTests {
    private func simulate(_ arguments: String...) throws -> (text: String, status: Int32) {
        try Product.run("simulation", arguments)
    }

    @Test(.requirement("I-01")) func theSameSeedIsTheSameRunToTheLastStep() throws {
        let first = try simulate("--seed", "11")
        let again = try simulate("--seed", "11")
        #expect(first.status == 0, "\(first.text)")
        #expect(first.text.contains("fingerprint"))
        #expect(first.text == again.text)
        let other = try simulate("--seed", "12")
        #expect(other.text.split(separator: "\n").last != first.text.split(separator: "\n").last)
    }

    @Test(.requirement("I-01")) func itDoesNotMatterHowManyProcessesPlayTheSchedules() throws {
        let alone = try simulate("--schedules", "60", "--jobs", "2")
        let together = try simulate("--schedules", "60", "--jobs", "5")
        func fingerprint(_ text: String) -> Substring? {
            text.split(separator: " ").drop { $0 != "fingerprint" }.dropFirst().first
        }
        #expect(alone.status == 0 && together.status == 0, "\(alone.text)")
        #expect(fingerprint(alone.text) != nil)
        #expect(fingerprint(alone.text) == fingerprint(together.text))
    }

    @Test(.requirement("I-02")) func schedulesOfEveryKindLoseNoAnswer() throws {
        let played = try simulate("--first", "1000000", "--schedules", "300")
        #expect(played.status == 0, "\(played.text)")
        #expect(played.text.contains("300 schedules"))
        #expect(played.text.contains("nothing found"))
    }
}
