/// Every check, in the order in which their findings are told: what lies deeper first.
package enum CheckList {
    package static let all: [Check] =
        ReachChecks.all + CertificateChecks.all + AccessChecks.all + OpeningChecks.all + ToolChecks.all + RaceChecks.all
        + SessionChecks.all + EndChecks.all + AnswerChecks.all + HeaderChecks.all + StreamChecks.all
        + BrowserChecks.all

    package static let byID = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }

    /// Checks by what was typed: an id, or the first part of some.
    package static func named(_ text: String) -> [Check] {
        all.filter { $0.id == text || $0.id.hasPrefix(text + ".") }
    }
}
