import Foundation
import MCPEngine
import MCPProtocol
import MCPTesting
import Synchronization
import Testing

@testable import MCPUpstreams

/// How children begin and end.
@Suite(.timeLimit(.minutes(2))) struct StdioEndTests {
    // MARK: The start

    @Test(arguments: ["no-such-program-anywhere", "/no/such/program", "/"])
    func aProgramThatIsNotThereCannotBeReached(command: String) async throws {
        try await ChildTalk.onHost { host in
            let talk = ChildTalk()
            let failure = await #expect(throws: LinkFailure.self) {
                try await talk.open(ChildTalk.Configuration(name: "none", command: command), on: host)
            }
            #expect(failure?.kind == .unreachable && failure?.mayHaveBegun == false)
            #expect(failure?.message.contains("none cannot be started") == true)
            #expect(talk.heard.isEmpty)
        }
    }

    @Test func aWorkingDirectoryThatIsNotThereIsSaid() async throws {
        try await ChildTalk.onHost { host in
            var configuration = ChildTalk.Configuration(name: "echo", command: ChildTalk.program)
            configuration.directory = "/no/such/directory"
            let wanted = configuration
            let failure = await #expect(throws: LinkFailure.self) { try await ChildTalk().open(wanted, on: host) }
            #expect(failure?.kind == .unreachable)
            #expect(failure?.message.contains("directory") == true)
        }
    }

    @Test func noChildIsStartedWhenTheServerIsEnding() async throws {
        let host = SessionHost()
        host.stop()
        let failure = await #expect(throws: LinkFailure.self) {
            try await ChildTalk().open(ChildTalk.Configuration(name: "echo", command: ChildTalk.program), on: host)
        }
        #expect(failure?.kind == .unreachable)
    }

    @Test func aChildSeesOnlyTheVariablesThatItShould() async throws {
        try await ChildTalk.configured { $0.environment = ["GIVEN": "value", "TZ": "UTC"] }.with { talk in
            let names = Set(try await talk.text("environment").split(separator: " ").map(String.init))
            #expect(names.isSuperset(of: ["GIVEN", "TZ"]))
            #expect(names.subtracting(["GIVEN"]).isSubset(of: ChildEnvironment.inherited))
        }
        let ours = ["HOLDFAST_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s", "PATH": "/bin", "HOME": "/root"]
        let made = ChildEnvironment.make(from: ours, adding: ["HOME": "/home", "API_KEY": "k"])
        #expect(made == ["PATH": "/bin", "HOME": "/home", "API_KEY": "k"])
    }

    @Test func aChildWorksInItsDirectoryAndAGroupOfItsOwn() async throws {
        try await ChildTalk.configured { $0.directory = "/" }.with { talk in
            try await talk.expect("/", "directory")
            let process = try await talk.process()
            #expect(getpgid(process) == process)
        }
    }

    @Test func launchersAreGivenMoreTime() {
        func time(_ command: String) -> Duration { StdioTransport(.init(name: "a", command: command)).probeTime }
        #expect(time("npx") == .seconds(60) && time("/usr/bin/uvx") == .seconds(60))
        #expect(time("python3") == .seconds(5))
        var configuration = StdioTransport.Configuration(name: "a", command: "npx")
        configuration.probeTime = .seconds(7)
        #expect(StdioTransport(configuration).probeTime == .seconds(7))
    }

    // MARK: The child ends

    /// So long that nothing which waited for it would be seen.
    private static let never = { @Sendable (configuration: inout ChildTalk.Configuration) in
        configuration.inputGrace = .seconds(600)
    }

    @Test func whenItIsKilledEveryCallFailsAtOnce() async throws {
        try await ChildTalk.with(configure: Self.never) { talk in
            let process = try await talk.process()
            await withTaskGroup(of: LinkFailure?.self) { group in
                for _ in 0..<100 { group.addTask { await talk.failure("forget") } }
                await talk.untilItOwes(100)
                // What it answers now comes after all of those have reached it.
                _ = await talk.call("echo")
                kill(process, SIGKILL)
                for await failure in group { #expect(failure?.kind == .lost && failure?.mayHaveBegun == true) }
            }
            #expect(await talk.untilClosed()?.message == "echo was ended by signal 9")
            await talk.link.close()
            #expect(talk.closed.map(\.kind) == [.lost])
            guard case .closed = talk.heard.last else { return #expect(Bool(false), "All is told before the end") }
        }
    }

    @Test func anExitOnAnUnknownFirstMessageIsALoss() async throws {
        try await ChildTalk.with("--exit-on-unknown", configure: Self.never) { talk in
            guard case .failure(let failure) = await talk.send(talk.request("server/discover")) else {
                return #expect(Bool(false), "There can be no answer")
            }
            #expect(failure.kind == .lost && failure.mayHaveBegun)
            #expect(await talk.untilClosed()?.message == "echo has ended with exit code 1")
            let late = await talk.failure("echo")
            #expect(late?.kind == .lost && late?.mayHaveBegun == false)
        }
    }

    @Test(arguments: ["--hold", "--spam", "--hold --ignore-termination"])
    func aDescendantThatHoldsItsPipesDelaysNothingAndIsEndedToo(flags: String) async throws {
        let configure = { (configuration: inout ChildTalk.Configuration) in
            Self.never(&configuration)
            configuration.terminationGrace = .milliseconds(200)
        }
        try await ChildTalk.with(configure: configure) { talk in
            let descendant = try #require(pid_t(try await talk.text("descend", ["flags": JSON(flags)])))
            #expect(isAlive(descendant))
            #expect(await talk.failure("exit", ["code": 3])?.kind == .lost)
            #expect(await talk.untilClosed()?.message == "echo has ended with exit code 3")
            await talk.link.close()
            #expect(!isAlive(descendant))
        }
    }

    @Test func whatItSaidLastIsHeard() async throws {
        try await ChildTalk.with(configure: Self.never) { talk in
            let last = talk.request("tools/call", ["name": "echo"])
            let isAnswered = Gate()
            talk.link.send(last) { event in if case .answer = event { isAnswered.open() } }
            #expect(await talk.failure("exit", ["code": 0])?.kind == .lost)
            await isAnswered.pass()
        }
    }

    @Test func aChildThatShutsItsOutputIsOfNoUse() async throws {
        try await ChildTalk.with("--ignore-end", configure: Self.never) { talk in
            let process = try await talk.process()
            #expect(await talk.failure("shut", ["descriptor": 1])?.kind == .lost)
            #expect(isAlive(process))
            #expect(await talk.failure("echo")?.mayHaveBegun == false)
            kill(process, SIGKILL)
            _ = await talk.untilClosed()
        }
    }

    @Test func aChildThatShutsItsInputIsOfNoUse() async throws {
        try await ChildTalk.configured { $0.inputGrace = .milliseconds(100) }.with { talk in
            async let failure = talk.failure("shut", ["descriptor": 0])
            let notification = Wire.notification("notifications/initialized")
            // The pipe breaks with one of the next messages.
            while talk.closed.isEmpty {
                try? await talk.link.send(oneWay: notification, as: .v2025_11_25)
                await Task.yield()
            }
            #expect(await failure?.kind == .lost)
            #expect(talk.closed.map(\.message) == ["echo was ended by signal \(SIGTERM)"])
        }
    }

    // MARK: We end it

    @Test func closingFailsWhatIsInFlightAndLeavesNoProcess() async throws {
        try await ChildTalk.with { talk in
            let process = try await talk.process()
            async let failure = talk.failure("forget")
            await talk.untilItOwes(1)
            await talk.link.close()
            #expect(await failure?.kind == .closed)
            #expect(!FileManager.default.fileExists(atPath: "/proc/\(process)"))
            #expect(talk.closed.map(\.kind) == [.closed])
            let late = await talk.failure("echo")
            #expect(late?.kind == .closed && late?.mayHaveBegun == false)
        }
    }

    @Test func whatWasSentBeforeTheEndIsStillWritten() async throws {
        try await ChildTalk.with { talk in
            let request = talk.request("tools/call", ["name": "stderr", "arguments": ["lines": 1, "bytes": 3]])
            try await talk.link.send(oneWay: request.message, as: .v2025_11_25)
            await talk.link.close()
            #expect(talk.log.entries(of: "child says").map { $0["line"] } == ["0 eee"])
        }
    }

    @Test(arguments: [["--ignore-end"], ["--ignore-end", "--ignore-termination"], ["--never-read"]])
    func aChildThatDoesNotWantToEndIsEnded(flags: [String]) async throws {
        let configure = { (configuration: inout ChildTalk.Configuration) in
            configuration.arguments = flags
            configuration.inputGrace = .milliseconds(50)
            configuration.terminationGrace = .milliseconds(50)
        }
        try await ChildTalk.with(configure: configure) { talk in
            if !flags.contains("--never-read") { _ = try await talk.text("echo") }
            await talk.link.close()
            let signal = flags.contains("--ignore-termination") ? SIGKILL : SIGTERM
            #expect(talk.closed.map(\.message) == ["echo was ended by signal \(signal)"])
        }
    }

    @Test func theChildEndsWhenTheServerIsCancelled() async throws {
        let host = SessionHost()
        let talk = ChildTalk()
        let process = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await host.run() }
            try await talk.open(ChildTalk.Configuration(name: "echo", command: ChildTalk.program), on: host)
            let process = try await talk.process()
            group.cancelAll()
            try await group.waitForAll()
            return process
        }
        #expect(!isAlive(process))
        #expect(talk.closed.count == 1)
    }

    // MARK: Many

    #if os(Linux)
        @Test func childrenDoNotInheritOneAnothersPipes() async throws {
            try await ChildTalk.with { first in
                try await ChildTalk.with { second in
                    let (a, b) = (try await first.text("descriptors"), try await second.text("descriptors"))
                    let pipes = Set(a.split(separator: " ").prefix(3))
                    #expect(pipes.count == 3 && pipes.allSatisfy { $0.hasPrefix("pipe:") })
                    #expect(pipes.isDisjoint(with: b.split(separator: " ")))
                    await first.link.close()
                    try await second.expect("on", "echo", ["text": "on"])
                }
            }
        }

        @Test func twoHundredChildrenLeaveNothingBehind() async throws {
            let seen = Mutex<(processes: [pid_t], pipes: Set<String>)>(([], []))
            let links = Mutex<[Weak]>([])
            for round in 0..<200 {
                try await ChildTalk.with { talk in
                    let process = try await talk.process()
                    let pipes = try await talk.text("descriptors").split(separator: " ").prefix(3).map(String.init)
                    seen.withLock { seen in
                        seen.processes.append(process)
                        seen.pipes.formUnion(pipes)
                    }
                    links.withLock { $0.append(Weak(link: talk.child)) }
                    if round % 2 == 0 { kill(process, SIGKILL) }
                }
            }
            let (processes, pipes) = seen.withLock { $0 }
            // Not even as zombies.
            let left = processes.filter { FileManager.default.fileExists(atPath: "/proc/\($0)") }
            #expect(left.isEmpty)
            // Other tests have pipes of their own, so it matters which.
            #expect(pipes.count == 600)
            #expect(pipes.isDisjoint(with: Self.descriptors.map(\.target)))
            let leaked = Self.descriptors.filter(\.isEndedProcess)
            #expect(leaked.count < 20)
            let kept = links.withLock { links in links.filter { $0.link != nil } }
            #expect(kept.isEmpty)
        }

        private struct Weak {
            weak var link: StdioLink?
        }

        private static var descriptors: [(target: String, isEndedProcess: Bool)] {
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
            return numbers.compactMap { number in
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
                let information = try? String(contentsOfFile: "/proc/self/fdinfo/\(number)", encoding: .utf8)
                return target.map { ($0, information?.contains("Pid:\t-1") == true) }
            }
        }
    #endif
}
