/// Cuts what a child writes to its standard error into lines, and lines that are too long into pieces.
struct ErrorLines {
    private var line: [UInt8] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// The lines that are complete now, blank ones left out.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = rest.prefix(limit - line.count).firstIndex {
                $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
            }
            let piece = rest[..<(end ?? min(rest.endIndex, rest.startIndex + limit - line.count))]
            line.append(contentsOf: piece)
            rest = rest[(end.map { $0 + 1 } ?? piece.endIndex)...]
            if end != nil || line.count >= limit, let text = finish() { lines.append(text) }
        }
        return lines
    }

    /// What is left when nothing more comes.
    mutating func finish() -> String? {
        defer { line.removeAll(keepingCapacity: true) }
        let isBlank = line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return isBlank ? nil : String(decoding: line, as: UTF8.self)
    }
}
