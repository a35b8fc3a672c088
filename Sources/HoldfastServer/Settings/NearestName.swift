/// The candidate that is fewest edits away from `name`, when that is few enough to be a slip of the hand.
func nearestName(to name: String, among candidates: [String]) -> String? {
    let typed = Array(name.utf8.prefix(64))
    let ranked = candidates.map { (candidate: $0, distance: editDistance(typed, Array($0.utf8))) }
    guard let best = ranked.min(by: { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }) else { return nil }
    return best.distance <= max(2, typed.count / 3) ? best.candidate : nil
}

/// Insertions, deletions and replacements that turn one into the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, a) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, b) in right.enumerated() {
            let replaced = diagonal + (a == b ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}
