import Foundation

/// Plays many schedules of the engine. `--seed N` plays one and tells what happens in it.
@main struct Simulation {
    static func main() {
        // The order of dictionaries is part of a run.
        if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
            setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
            let arguments = CommandLine.arguments.map { strdup($0) } + [nil]
            execv(program.path, arguments)
            fail("simulation: cannot start itself again")
        }
        let options = Options(CommandLine.arguments.dropFirst())
        if let seed = options.seed {
            JobQueue.takeOver()
            return tell(Schedule.play(seed: seed, tells: true))
        }
        if options.jobs > 1 { return Fleet(options).run() }
        JobQueue.takeOver()
        var report = Report()
        for seed in options.first..<(options.first + options.schedules) {
            report.add(Schedule.play(seed: seed))
            if report.failures.count >= options.failures { break }
        }
        print(report.text)
    }

    private static func tell(_ schedule: Schedule) {
        for line in schedule.story { print(line) }
        for objection in schedule.objections { print("OBJECTION \(objection)") }
        print("\(schedule.steps) steps, fingerprint \(String(schedule.fingerprint, radix: 16))")
        exit(schedule.objections.isEmpty ? 0 : 1)
    }

    static var program: URL { Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]) }

    static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(64)
    }
}

struct Options {
    var schedules = 1_000
    var first = 0
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    /// Failing schedules after which it ends.
    var failures = 5
    /// Whether everything that can be reached must have been.
    var isWhole = false
    var seed: Int?

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let name = rest.popFirst() {
            if name == "--whole" {
                isWhole = true
                continue
            }
            guard let value = rest.popFirst().flatMap({ Int($0) }) else {
                Simulation.fail(
                    "usage: simulation [--schedules N] [--first SEED] [--jobs N] [--failures N] [--whole] | --seed SEED"
                )
            }
            switch name {
            case "--schedules": schedules = value
            case "--first": first = value
            case "--jobs": jobs = value
            case "--failures": failures = value
            case "--seed": seed = value
            default: Simulation.fail("simulation: no such option: \(name)")
            }
        }
    }
}
