import Foundation

/// What many schedules came to, as text that another process can read.
struct Report {
    var schedules = 0
    var steps = 0
    var failures: [(seed: Int, objection: String)] = []
    var reached: [String: Int] = [:]
    var fingerprint: UInt64 = 0

    init() {}

    mutating func add(_ schedule: Schedule) {
        schedules += 1
        steps += schedule.steps
        // In no order, so that it does not matter which process played which.
        fingerprint ^= schedule.fingerprint &* UInt64(truncatingIfNeeded: 2 &* schedule.seed &+ 1)
        for mark in schedule.reached { reached[mark, default: 0] += 1 }
        if let objection = schedule.objections.first { failures.append((schedule.seed, objection)) }
    }

    mutating func add(_ other: Report) {
        schedules += other.schedules
        steps += other.steps
        fingerprint ^= other.fingerprint
        failures += other.failures
        for (mark, count) in other.reached { reached[mark, default: 0] += count }
    }

    // MARK: As text

    var text: String {
        var lines = ["schedules\t\(schedules)", "steps\t\(steps)", "fingerprint\t\(fingerprint)"]
        lines += failures.map { "failure\t\($0.seed)\t\($0.objection)" }
        lines += reached.sorted { $0.key < $1.key }.map { "reached\t\($0.value)\t\($0.key)" }
        return lines.joined(separator: "\n")
    }

    init(text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 2).map(String.init)
            switch parts.first {
            case "schedules": schedules = Int(parts[1]) ?? 0
            case "steps": steps = Int(parts[1]) ?? 0
            case "fingerprint": fingerprint = UInt64(parts[1]) ?? 0
            case "failure": failures.append((Int(parts[1]) ?? -1, parts[2]))
            case "reached": reached[parts[2]] = Int(parts[1]) ?? 0
            default: break
            }
        }
    }
}

/// Plays in several processes at once: one schedule runs on one thread.
struct Fleet {
    let options: Options

    init(_ options: Options) {
        self.options = options
    }

    func run() {
        let began = Date()
        let share = (options.schedules + options.jobs - 1) / options.jobs
        let players = (0..<options.jobs).map { number -> (Process, Pipe) in
            let player = Process()
            let pipe = Pipe()
            player.executableURL = Simulation.program
            player.arguments = [
                "--jobs", "1", "--first", "\(options.first + number * share)", "--failures", "\(options.failures)",
                "--schedules", "\(max(0, min(share, options.schedules - number * share)))",
            ]
            player.standardOutput = pipe
            do { try player.run() } catch { Simulation.fail("simulation: \(error)") }
            return (player, pipe)
        }
        var report = Report()
        for (player, pipe) in players {
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            player.waitUntilExit()
            guard player.terminationStatus == 0 else {
                Simulation.fail("simulation: a player ended with status \(player.terminationStatus)\n\(text)")
            }
            report.add(Report(text: text))
        }
        conclude(report, seconds: Date().timeIntervalSince(began))
    }

    private func conclude(_ report: Report, seconds: Double) {
        for (seed, objection) in report.failures.sorted(by: { $0.seed < $1.seed }) {
            print("seed \(seed): \(objection)")
        }
        let missing = options.isWhole ? Reach.expected.filter { report.reached[$0] == nil } : []
        for mark in missing { print("never reached: \(mark)") }
        print(
            """
            \(report.schedules) schedules from seed \(options.first), \(report.steps) steps, \
            \(report.reached.count) states reached, \(Int(seconds)) s, \
            fingerprint \(String(report.fingerprint, radix: 16)): \
            \(report.failures.isEmpty ? "nothing found" : "\(report.failures.count) failing")
            """)
        exit(report.failures.isEmpty && missing.isEmpty ? 0 : 1)
    }
}
