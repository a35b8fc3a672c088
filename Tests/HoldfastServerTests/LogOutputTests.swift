import Foundation
import HoldfastServer
import Logging
import Testing

/// Log lines through a real pipe: all of them, whole, and never at the price of the server.
struct LogOutputTests {
    private let pipe = Pipe()

    init() {
        signal(SIGPIPE, SIG_IGN)
    }

    private func logger(_ output: LogOutput, level: Logger.Level = .info) -> Logger {
        Logger(label: "test") { _ in LineLogHandler(style: .json, output: output, level: level) }
    }

    private func output(patience: Int32 = 10_000) -> LogOutput {
        LogOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, patience: patience)
    }

    private static func objects(_ data: Data) throws -> [[String: Any]] {
        try data.split(separator: UInt8(ascii: "\n")).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
        }
    }

    @Test func linesOfManyThreadsNeitherMixNorGetLost() async throws {
        let output = output()
        let logger = logger(output)
        let long = String(repeating: "x", count: 7_000)
        let (pipe, threads, each) = (pipe, 8, 200)
        let data = try await withThrowingTaskGroup(of: Data?.self) { group in
            group.addTask { try pipe.fileHandleForReading.readToEnd() }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for thread in 0..<threads {
                    writers.addTask {
                        for number in 0..<each {
                            logger.info(
                                "\(thread)-\(number)", metadata: ["pad": "\(number % 10 == 0 ? long : "short")"])
                        }
                    }
                }
                try await writers.waitForAll()
            }
            try pipe.fileHandleForWriting.close()
            return try await group.reduce(into: Data()) { $0.append($1 ?? Data()) }
        }
        let messages = try Self.objects(data).compactMap { $0["message"] as? String }
        #expect(Set(messages).count == threads * each && messages.count == threads * each)
        #expect(output.dropped == 0)
    }

    @Test func aReaderThatIsStuckCostsLinesButNoTimeAndIsToldHowMany() throws {
        let output = output(patience: 0)
        let logger = logger(output)
        for number in 0..<5_000 { logger.info("\(number)", metadata: ["pad": "\(String(repeating: "x", count: 100))"]) }
        let dropped = output.dropped
        #expect(dropped > 0 && dropped < 5_000)
        // What the pipe held is read; then there is room again.
        let first = pipe.fileHandleForReading.availableData
        logger.info("after")
        try pipe.fileHandleForWriting.close()
        let lines = try Self.objects(first + (pipe.fileHandleForReading.readToEnd() ?? Data()))
        #expect(lines.last?["message"] as? String == "after")
        #expect(lines.contains { $0["dropped"] as? Int == dropped })
        #expect(lines.count == 5_000 - dropped + 2)
    }

    @Test func aReaderThatIsGoneIsNoReasonToDie() throws {
        let output = output()
        try pipe.fileHandleForReading.close()
        logger(output).error("nobody hears this")
        #expect(output.dropped == 1)
        let closed = LogOutput(descriptor: 1_000_000)
        logger(closed).error("nor this")
        #expect(closed.dropped == 1)
    }

    @Test func theLevelAndTheMetadataOfLoggerAndProviderCount() throws {
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "c": "provider"] }
        let output = output()
        var logger = Logger(label: "test") { _ in
            LineLogHandler(style: .json, output: output, level: .notice, metadataProvider: provider)
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "d"] = "logger"
        logger.info("not this")
        logger.notice("this", metadata: ["b": "event"])
        try pipe.fileHandleForWriting.close()
        let lines = try Self.objects(pipe.fileHandleForReading.readToEnd() ?? Data())
        #expect(lines.count == 1)
        #expect(lines.first?["a"] as? String == "provider" && lines.first?["b"] as? String == "event")
        #expect(lines.first?["c"] as? String == "provider" && lines.first?["d"] as? String == "logger")
    }
}
