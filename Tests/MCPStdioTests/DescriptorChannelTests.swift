import Foundation
import MCPEngine
import MCPProtocol
import MCPStdio
import MCPTesting
import Testing

/// Over real pipes.
@Suite(.timeLimit(.minutes(1))) struct DescriptorChannelTests {
    /// A server at one end of two pipes, and what a client does at the other.
    private struct Pipes {
        let toServer = Pipe()
        let fromServer = Pipe()

        func channel(longestLine: Int = 4 << 20) throws -> DescriptorChannel {
            signal(SIGPIPE, SIG_IGN)
            return try DescriptorChannel(
                input: dup(toServer.fileHandleForReading.fileDescriptor),
                output: dup(fromServer.fileHandleForWriting.fileDescriptor), longestLine: longestLine)
        }

        /// Leaves the server's ends to the channel alone, so that it is seen when that closes them.
        func letGo() throws {
            try toServer.fileHandleForReading.close()
            try fromServer.fileHandleForWriting.close()
        }

        func write(_ text: String) throws { try toServer.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

        func everything() async throws -> [String] {
            let handle = fromServer.fileHandleForReading
            let data = try await withCheckedThrowingContinuation { continuation in
                Thread { continuation.resume(with: Result { try handle.readToEnd() ?? Data() }) }.start()
            }
            return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private func serve(
        _ tools: [SwiftTool], _ channel: any LineChannel, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await Conversation(tools: tools).run { conversation in
            let server = StdioServer(gateway: conversation.gateway, channel: channel, logger: Talk.quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                try await body()
                try await group.waitForAll()
            }
        }
    }

    @Test func aWholeConversationGoesThroughPipes() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        try pipes.letGo()
        try await serve([Tools.big], channel) {
            try pipes.write(Talk.initialize + "\r\n\n")
            try pipes.write(Conversation.call("big", id: 1, arguments: #"{"bytes":3000000}"#))
            try pipes.toServer.fileHandleForWriting.close()
            let lines = try await pipes.everything()
            #expect(lines.count == 2)
            #expect(try JSON(parsing: Array(lines[0].utf8)).id == 0)
            #expect(try JSON(parsing: Array(lines[1].utf8)).text?.count == 3_000_000)
        }
    }

    @Test func linesOfEveryLengthUpToTheLimitArrive() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel(longestLine: 1000)
        try pipes.letGo()
        try pipes.write(String(repeating: "a", count: 1000) + "\n" + String(repeating: "b", count: 1001) + "\nc\n")
        #expect(await channel.next() == .text([UInt8](repeating: 0x61, count: 1000)))
        #expect(await channel.next() == .tooLong)
        #expect(await channel.next() == .text([0x63]))
        try pipes.toServer.fileHandleForWriting.close()
        #expect(await channel.next() == nil)
        channel.close()
        #expect(try await pipes.everything().isEmpty)
    }

    @Test func whoWaitsForALineCanBeWoken() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        await withTaskGroup(of: InputLine?.self) { group in
            group.addTask { await channel.next() }
            channel.stopReading()
            #expect(await group.next() == .some(nil))
        }
        try pipes.write("too late\n")
        #expect(await channel.next() == nil)
        channel.close()
    }

    @Test func whoWritesToNobodyIsTold() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        try pipes.letGo()
        try pipes.fromServer.fileHandleForReading.close()
        await #expect(throws: ChannelClosed.self) { try await channel.write([0x61]) }
        channel.close()
    }

    @Test func writingToAReaderThatIsStuckCanBeGivenUp() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                do { try await channel.write([UInt8](repeating: 0x61, count: 1 << 20)) } catch { return false }
                return true
            }
            channel.stopWriting()
            #expect(await group.next() == false)
        }
        channel.close()
    }

    @Test func aServerWhoseReaderIsGoneEndsAndCancels() async throws {
        let pipes = Pipes()
        let channel = try pipes.channel()
        try pipes.letGo()
        let gate = Gate()
        try await serve([Tools.waiting(at: gate)], channel) {
            try pipes.write(Talk.initialize + "\n" + Conversation.call("wait", id: 1) + "\n")
            await gate.arrivals()
            try pipes.fromServer.fileHandleForReading.close()
            // Input stays open and the gate shut: only the broken pipe ends this.
            try pipes.write(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"# + "\n")
        }
        try pipes.toServer.fileHandleForWriting.close()
    }
}
