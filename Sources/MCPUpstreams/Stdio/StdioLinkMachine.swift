import MCPProtocol

/// What is said to a child, what it owes, and whether there is still anything to say (T-03, T-10, T-11).
///
/// Messages are written one after the other from a bounded queue. A request is owed exactly one answer or failure,
/// unless it is abandoned.
struct StdioLinkMachine<Waiter> {
    enum Phase { case open, ending, gone }

    /// Why nothing more is said.
    enum Ending {
        /// We want no more of it. What waits to be written still is.
        case closed
        /// One of its pipes ended, or broke.
        case pipeEnded
    }

    enum Refusal: Equatable {
        case over(Ending)
        case idInUse
        /// This many bytes wait already.
        case noRoom(Int)
    }

    enum Write: Equatable {
        case bytes([UInt8])
        case nothingYet
        case end
    }

    private struct Item {
        var line: [UInt8]
        var request: RequestID?
    }

    private(set) var phase = Phase.open
    /// Why it began to end.
    private(set) var ending: Ending?
    /// It will not read what we would still write.
    private var isDeaf = false
    private var pending = PendingRequests<Waiter>()
    private var queue: [Item] = []
    /// The next in the queue.
    private var head = 0
    /// In the queue, and in what is being written.
    private var waitingBytes = 0
    private var writingBytes = 0
    private let bound: Int
    private let piece: Int

    /// - Parameters:
    ///   - bound: Bytes that may wait; a message is taken while fewer do, so that one of any size gets through.
    ///   - piece: Messages that wait together are written together, up to this many bytes.
    init(bound: Int, piece: Int = 64 << 10) {
        self.bound = bound
        self.piece = piece
    }

    var owed: Int { pending.count }

    // MARK: What is said

    mutating func send(_ message: [UInt8], id: RequestID, _ waiter: Waiter) -> Refusal? {
        if let refusal = refusal { return refusal }
        guard pending.add(id, waiter) else { return .idInUse }
        append(message, id)
        return nil
    }

    mutating func send(oneWay message: [UInt8]) -> Refusal? {
        if let refusal = refusal { return refusal }
        append(message, nil)
        return nil
    }

    private var refusal: Refusal? {
        if phase != .open { return .over(ending ?? .pipeEnded) }
        return waitingBytes < bound ? nil : .noRoom(waitingBytes)
    }

    private mutating func append(_ message: [UInt8], _ request: RequestID?) {
        waitingBytes += message.count + 1
        queue.append(Item(line: message, request: request))
    }

    /// What to write next; what was written before has been.
    mutating func nextWrite() -> Write {
        waitingBytes -= writingBytes
        writingBytes = 0
        if isDeaf { return .end }
        var bytes: [UInt8] = []
        while head < queue.count, bytes.isEmpty || bytes.count + queue[head].line.count < piece {
            let item = queue[head]
            queue[head].line = []
            head += 1
            if let id = item.request, !pending.markWritten(id) {
                waitingBytes -= item.line.count + 1
                continue
            }
            if bytes.isEmpty { bytes = item.line } else { bytes += item.line }
            bytes.append(UInt8(ascii: "\n"))
        }
        if head == queue.count {
            queue.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024 {
            queue.removeFirst(head)
            head = 0
        }
        writingBytes = bytes.count
        if !bytes.isEmpty { return .bytes(bytes) }
        return phase == .open ? .nothingYet : .end
    }

    var hasNothingToWrite: Bool { phase == .open && head == queue.count }

    // MARK: What is owed

    /// Nil when nobody waits for an answer to that.
    mutating func take(_ id: RequestID) -> PendingRequests<Waiter>.Entry? { pending.take(id) }

    /// Those to be told that they get no answer.
    mutating func takeAll() -> [PendingRequests<Waiter>.Entry] { pending.takeAll() }

    // MARK: The end

    mutating func end(_ why: Ending) {
        if phase == .open {
            phase = .ending
            ending = why
        }
        if why == .pipeEnded {
            isDeaf = true
            drop()
        }
    }

    /// The child is no more. Nothing is owed after this.
    mutating func gone() -> [PendingRequests<Waiter>.Entry] {
        phase = .gone
        isDeaf = true
        drop()
        return pending.takeAll()
    }

    private mutating func drop() {
        queue = []
        head = 0
        waitingBytes = writingBytes
    }
}
