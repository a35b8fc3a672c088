import Logging
import MCPEngine
import MCPProtocol

/// Reads messages from a child's standard output. Whatever else comes there is passed over and logged, now and then.
struct ChildOutput {
    private var framer: LineFramer
    private var longLines: LongLines
    private var allowance = LogAllowance(burst: 5, perSecond: 0.1)
    private let limit: Int

    init(limit: Int) {
        framer = LineFramer(limit: limit)
        longLines = LongLines(limit: limit)
        self.limit = limit
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer, to link: StdioLink) {
        framer.add(bytes)
        while let line = framer.next() { take(line, link) }
        for id in longLines.add(bytes) { passOver(longLine: id, link) }
    }

    mutating func finish(to link: StdioLink) {
        if let line = framer.rest() { take(line, link) }
    }

    private mutating func take(_ line: InputLine, _ link: StdioLink) {
        // What is too long is told when all of it has been seen.
        guard case .text(let bytes) = line else { return }
        do throws(JSONError) {
            let json = try JSON(parsing: bytes)
            if let batch = json.elements {
                // Servers of 2025-03-26 may answer so, and be answered so (H-30).
                for json in batch { take(json, link) }
            } else {
                take(json, link)
            }
        } catch {
            let name = link.configuration.name
            if let id = AnswerID(bytes).id, link.fail(id, .malformed, "\(name) answered what cannot be read: \(error)")
            {
                complain("child answered what cannot be read", bytes[...], "\(error)", link)
            } else {
                complain("child wrote what is not a message", bytes[...], "\(error)", link)
            }
        }
    }

    private mutating func take(_ json: JSON, _ link: StdioLink) {
        do throws(Malformed) {
            switch try Message(json) {
            case .response(let response):
                guard let id = response.id else {
                    complain("child answered no request", json.bytes, "without an id", link)
                    return
                }
                if !link.answer(response, id) {
                    complain("child answered no request", json.bytes, "nobody waits for it", link)
                }
            case let message: link.heard(message)
            }
        } catch {
            let name = link.configuration.name
            let id = json.kind == .object && json["method"] == nil ? json["id"].flatMap { RequestID($0) } : nil
            if let id, link.fail(id, .malformed, "\(name) answered what is not a response: \(error.error.message)") {
                complain("child answered what is not a response", json.bytes, error.error.message, link)
            } else {
                complain("child wrote what is not a message", json.bytes, error.error.message, link)
            }
        }
    }

    private mutating func passOver(longLine id: RequestID?, _ link: StdioLink) {
        let message = "\(link.configuration.name) answered with more than \(limit) bytes"
        if let id { _ = link.fail(id, .tooLarge, message) }
        complain("child wrote a line that is too long", [], "longer than \(limit) bytes", link)
    }

    private mutating func complain(_ event: Logger.Message, _ line: ArraySlice<UInt8>, _ why: String, _ link: StdioLink)
    {
        guard let suppressed = allowance.take(at: .now) else { return }
        var metadata = StdioLink.metadata(String(decoding: line.prefix(200), as: UTF8.self), suppressed)
        metadata["error"] = .string(why)
        link.logger.warning(event, metadata: metadata)
    }
}
