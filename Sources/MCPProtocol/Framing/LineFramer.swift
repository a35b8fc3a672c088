/// What comes in where messages are lines.
package enum InputLine: Equatable, Sendable {
    /// Without its line end.
    case text([UInt8])
    /// Longer than the bound; it was passed over.
    case tooLong
}

/// Cuts bytes into lines, whatever pieces they come in. Holds at most one line and one piece.
package struct LineFramer: Sendable {
    private var buffer: [UInt8] = []
    /// Where the next line begins.
    private var start = 0
    /// Up to here there is no line break.
    private var seen = 0
    private var isSkipping = false
    private let limit: Int

    /// - Parameter limit: The most bytes of a line, without its end.
    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func add(_ bytes: some Sequence<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            (start, seen) = (0, seen - start)
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next line that is complete, if there is one. Blank ones are left out; `\r\n` is a line end as well.
    package mutating func next() -> InputLine? {
        while let end = buffer[seen...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = buffer[start..<end]
            (start, seen) = (end + 1, end + 1)
            if isSkipping {
                isSkipping = false
            } else if let line = finished(line) {
                return line
            }
        }
        seen = buffer.count
        // One more than the limit may be the \r of a line end.
        guard seen - start > limit + 1 else { return nil }
        start = seen
        if isSkipping { return nil }
        isSkipping = true
        return .tooLong
    }

    /// What is left when no more bytes will come: a line without its end is one too.
    package mutating func rest() -> InputLine? {
        defer { (start, seen) = (buffer.count, buffer.count) }
        return isSkipping ? nil : finished(buffer[start...])
    }

    private func finished(_ line: ArraySlice<UInt8>) -> InputLine? {
        let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        if line.count > limit { return .tooLong }
        let isBlank = line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return isBlank ? nil : .text(Array(line))
    }
}
