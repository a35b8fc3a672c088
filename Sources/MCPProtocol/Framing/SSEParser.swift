/// One event of a stream of server-sent events.
package struct SSEEvent: Equatable, Sendable {
    /// `message` unless the event says otherwise.
    package var name: String
    /// Its data lines, with a line feed between them.
    package var data: [UInt8]

    package init(name: String = "message", data: [UInt8]) {
        self.name = name
        self.data = data
    }
}

/// Reads a stream of server-sent events (WHATWG HTML, 9.2.6), whatever pieces it comes in. Holds at most one event.
package struct SSEParser: Sendable {
    /// What `Last-Event-ID` says when the stream is taken up again: of the last event that was complete, also of one
    /// without data.
    package private(set) var lastEventID: String?
    /// How long to wait before that, when the server said so.
    package private(set) var retry: Duration?
    /// How many comments there were.
    package private(set) var comments = 0

    /// The line that is not complete yet.
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var nextID: String?
    private var isAtStart = true
    /// The last byte was a CR: a LF after it belongs to the same line end.
    private var endedWithReturn = false
    private var isTooLong = false
    private let limit: Int
    /// The name of a field and what follows it are no data.
    private var longestLine: Int { limit + 8 }

    /// - Parameter limit: The most bytes of an event's data.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is data of an event whose end has not come: where the stream ends with that, readers drop it.
    package var isInsideEvent: Bool { hasData || !line.isEmpty }

    /// Gives each event that is complete with these bytes to `event`, in order.
    /// - Returns: False when an event exceeds the limit. From then on there are no events any more.
    package mutating func add(_ bytes: some Collection<UInt8>, _ event: (SSEEvent) -> Void) -> Bool {
        bytes.withContiguousStorageIfAvailable { scan($0, event) }
            ?? Array(bytes).withUnsafeBufferPointer { scan($0, event) }
    }

    private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ event: (SSEEvent) -> Void) -> Bool {
        guard !isTooLong, let first = bytes.first else { return !isTooLong }
        var start = endedWithReturn && first == lineFeed ? 1 : 0
        endedWithReturn = false
        var at = start
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == lineFeed || byte == carriageReturn else { continue }
            let piece = UnsafeBufferPointer(rebasing: bytes[start..<at - 1])
            isTooLong = line.count + piece.count > longestLine
            if isTooLong { return false }
            if line.isEmpty {
                take(piece, event)
            } else {
                line.append(contentsOf: piece)
                let whole = line
                line = []
                whole.withUnsafeBufferPointer { take($0, event) }
            }
            if isTooLong { return false }
            if byte == carriageReturn {
                if at == bytes.count {
                    endedWithReturn = true
                } else if bytes[at] == lineFeed {
                    at += 1
                }
            }
            start = at
        }
        line.append(contentsOf: bytes[start...])
        isTooLong = line.count > longestLine
        return !isTooLong
    }

    /// A line without its end.
    private mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ event: (SSEEvent) -> Void) {
        var line = line
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = UnsafeBufferPointer(rebasing: line[3...]) }
        }
        if line.isEmpty {
            endEvent(event)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            field(line, UnsafeBufferPointer(rebasing: line[..<0]))
            return
        }
        // A line that begins with it is a comment.
        if colon == 0 {
            comments += 1
            return
        }
        let begin = colon + 1 < line.count && line[colon + 1] == UInt8(ascii: " ") ? colon + 2 : colon + 1
        field(UnsafeBufferPointer(rebasing: line[..<colon]), UnsafeBufferPointer(rebasing: line[begin...]))
    }

    private mutating func field(_ field: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        if field.names("data") {
            if hasData { data.append(lineFeed) }
            hasData = true
            data.append(contentsOf: value)
            isTooLong = data.count > limit
        } else if field.names("event") {
            name = String(decoding: value, as: UTF8.self)
        } else if field.names("id") {
            if !value.contains(0) { nextID = value.isEmpty ? nil : String(decoding: value, as: UTF8.self) }
        } else if field.names("retry") {
            let isNumber = !value.isEmpty && value.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard isNumber, let milliseconds = Int32(String(decoding: value, as: UTF8.self)) else { return }
            retry = .milliseconds(Int64(milliseconds))
        }
    }

    private mutating func endEvent(_ event: (SSEEvent) -> Void) {
        lastEventID = nextID
        defer { (data, hasData, name) = ([], false, "") }
        if hasData { event(SSEEvent(name: name.isEmpty ? "message" : name, data: data)) }
    }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

extension UnsafeBufferPointer<UInt8> {
    fileprivate func names(_ field: StaticString) -> Bool {
        count == field.utf8CodeUnitCount
            && elementsEqual(UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount))
    }
}
