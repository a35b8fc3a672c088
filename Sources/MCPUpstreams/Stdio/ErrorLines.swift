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
        var at = 0
        while at < bytes.count {
            let end = bytes.firstLineBreak(from: at) ?? bytes.count
            let piece = min(end, at + limit - line.count)
            line.append(contentsOf: bytes[at..<piece])
            let isWhole = piece == end && end < bytes.count
            at = isWhole ? piece + 1 : piece
            if isWhole || line.count >= limit, let text = finish() { lines.append(text) }
        }
        return lines
    }

    /// What is left when nothing more comes.
    mutating func finish() -> String? {
        defer { line.removeAll(keepingCapacity: true) }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let isBlank = line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return isBlank ? nil : String(decoding: line, as: UTF8.self)
    }
}
