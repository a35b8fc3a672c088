import Foundation
import Synchronization

/// Calls that leave a line in a file where they are carried out, whatever process does so: who was answered must find its
/// line there once, who was refused never, and nobody twice.
final class Ledger: Sendable {
    enum Fate: Sendable { case answered, refused, unknown }

    let file: String
    private let fates = Mutex<[String: Fate]>([:])
    /// So that an older run's lines are not ours.
    private let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)

    init(file: String) {
        self.file = file
    }

    /// A line that nobody has had. Until it is settled nothing is known of its call.
    func line(_ persona: String) -> String {
        fates.withLock { fates in
            let line = "\(persona)-\(run)-\(fates.count)"
            fates[line] = .unknown
            return line
        }
    }

    func settle(_ line: String, _ fate: Fate) { fates.withLock { $0[line] = fate } }

    /// What the file says against what was answered.
    func audit(_ tally: Tally) {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let found = text.split(separator: "\n").reduce(into: [String: Int]()) { $0[String($1), default: 0] += 1 }
        let fates = fates.withLock { $0 }
        var carriedOut = 0
        for (line, fate) in fates {
            let times = found[line, default: 0]
            carriedOut += times
            if times > 1 { tally.fault("record", "\(line) was carried out \(times) times, \(fate)") }
            if times == 0, fate == .answered { tally.fault("record", "\(line) was answered and not carried out") }
            if times > 0, fate == .refused { tally.fault("record", "\(line) was refused and carried out") }
        }
        let unknown = fates.values.count { $0 == .unknown }
        tally.note("of \(fates.count) calls that leave a line \(carriedOut) did, \(unknown) came to nothing known")
    }
}
