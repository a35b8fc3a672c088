import MCPProtocol

/// Finds out which request a line answers that cannot be kept or read as JSON, so that this request fails and does not
/// wait in vain. Looks at the line byte by byte and keeps next to nothing of it.
struct AnswerID {
    /// Longer ones are not ours.
    private static let longest = 256

    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var expectsName = false
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    private var isRequest = false

    /// The id of the response this seems to be.
    var id: RequestID? {
        guard !isRequest, !value.isEmpty, value.count < Self.longest else { return nil }
        return (try? JSON(parsing: value)).flatMap { RequestID($0) }
    }

    init() {}

    init(_ line: [UInt8]) {
        line.withUnsafeBytes { add($0[...]) }
    }

    mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>) {
        for byte in bytes { add(byte) }
    }

    private var isValueOfID: Bool { depth == 1 && !expectsName && name == Array("id".utf8) }

    private mutating func add(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            if depth == 1 { keep(byte, isEnd: !isInString) }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            if depth == 1, expectsName { name = [] } else if isValueOfID { value.append(byte) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            if depth == 1 { expectsName = byte == UInt8(ascii: "{") }
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: ":") where depth == 1:
            expectsName = false
            if name == Array("method".utf8) { isRequest = true }
        case UInt8(ascii: ",") where depth == 1: expectsName = true
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): break
        default: if isValueOfID, value.count < Self.longest { value.append(byte) }
        }
    }

    private mutating func keep(_ byte: UInt8, isEnd: Bool) {
        if expectsName {
            if !isEnd, name.count < 8 { name.append(byte) }
        } else if isValueOfID, value.count < Self.longest {
            value.append(byte)
        }
    }
}

/// Follows lines that are too long to be kept, to tell whose answers they were.
struct LongLines {
    private var line: AnswerID?
    private var length = 0
    private var endsInReturn = false
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Those lines longer than the limit that ended in these bytes, each with the id it seems to answer.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> [RequestID?] {
        var ended: [RequestID?] = []
        var at = 0
        // A line that began and ended in these bytes need only be looked at if it can be too long.
        while line != nil || bytes.count > limit, let end = bytes.firstLineBreak(from: at) {
            if line != nil || end - at > limit { follow(bytes[at..<end]) }
            if length - (endsInReturn ? 1 : 0) > limit { ended.append(line?.id) }
            (line, length) = (nil, 0)
            at = end + 1
        }
        let last = bytes[at...].lastIndex(of: UInt8(ascii: "\n")) ?? at - 1
        if last + 1 < bytes.count { follow(bytes[(last + 1)...]) }
        return ended
    }

    private mutating func follow(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard let last = bytes.last else { return }
        endsInReturn = last == UInt8(ascii: "\r")
        length += bytes.count
        var line = self.line ?? AnswerID()
        self.line = nil
        line.add(bytes)
        self.line = line
    }
}
