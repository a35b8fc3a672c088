/// Rows in columns, for a terminal.
enum TextTable {
    static func text(_ rows: [[String]]) -> String {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            row.enumerated().map { column, cell in
                column < columns - 1 ? cell + String(repeating: " ", count: widths[column] - cell.count + 2) : cell
            }.joined()
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
