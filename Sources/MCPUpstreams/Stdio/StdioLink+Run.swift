import Logging
import MCPEngine
import MCPProtocol
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

extension StdioLink {
    /// How long requests may still wait to be told how the child ended, once one of its pipes has.
    private static let patience: Duration = .milliseconds(250)
    /// What pipes may still hold when the child has ended. Its descendants may go on writing for ever.
    private static let leftover = 1 << 20

    /// The child's whole life.
    func run() async {
        var group: ProcessGroup?
        do {
            let result = try await Subprocess.run(command, input: .inputWriter, output: .sequence, error: .sequence) {
                execution in
                group = ProcessGroup(leader: execution.processIdentifier.value)
                logger.debug("child started", metadata: ["pid": .stringConvertible(execution.processIdentifier.value)])
                hasStarted()
                await talk(to: execution)
            }
            isGone("\(configuration.name) \(Self.describe(result.terminationStatus))")
        } catch {
            let message = "\(configuration.name) \(Self.describe(error, command: configuration.command))"
            if group == nil {
                hasStarted(failure: LinkFailure(.unreachable, mayHaveBegun: false, message))
            } else {
                isGone(message)
            }
        }
        await group?.end(within: configuration.terminationGrace)
        isOver()
    }

    private var command: Subprocess.Configuration {
        var options = PlatformOptions()
        // A group of its own: signals reach its descendants, and an interrupt from the terminal does not reach it.
        options.processGroupID = 0
        options.teardownSequence = steps
        let isPath = configuration.command.contains("/")
        let variables = environment.map { (Subprocess.Environment.Key(stringLiteral: $0), $1) }
        return Subprocess.Configuration(
            executable: isPath ? .path(FilePath(configuration.command)) : .name(configuration.command),
            arguments: Arguments(configuration.arguments),
            environment: .custom(Dictionary(variables) { $1 }),
            workingDirectory: configuration.directory.map { FilePath($0) },
            platformOptions: options)
    }

    /// SIGKILL to the group follows the last. Signal 0 is none: the child has that time to end by itself.
    private var steps: [TeardownStep] {
        [
            .send(
                signal: Signal(rawValue: 0), toProcessGroup: true,
                allowedDurationToNextStep: configuration.inputGrace),
            .send(
                signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: configuration.terminationGrace),
        ]
    }

    private typealias Child = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    /// Returns when the child has ended and what it said has been read.
    private func talk(to child: Child) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.write(to: child.standardInputWriter) }
            group.addTask { await self.read(child) }
            group.addTask { await self.readErrors(child) }
            await withTaskCancellationHandler {
                await untilEnding()
            } onCancel: {
                end(.closed)
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
                    self.failAll(.lost, "\(self.configuration.name) has closed its input or output")
                }
                await child.teardown(using: steps)
                group.cancelAll()
            }
        }
    }

    // MARK: Its three pipes

    private func write(to input: StandardInputWriter) async {
        while let bytes = await nextWrite() {
            do {
                if try await input.write(bytes) == bytes.count { continue }
            } catch {
                logger.debug("child does not take its input", metadata: ["error": "\(error)"])
            }
            end(.pipeEnded)
        }
        try? await input.finish()
    }

    private func read(_ child: Child) async {
        var output = ChildOutput(limit: configuration.longestLine)
        await read(child.standardOutput, of: child) { bytes in output.add(bytes, to: self) }
        output.finish(to: self)
        end(.pipeEnded)
    }

    private func readErrors(_ child: Child) async {
        var lines = ErrorLines(limit: 8 << 10)
        let perSecond = configuration.errorLinesPerSecond
        var allowance = LogAllowance(burst: perSecond * 10, perSecond: Double(perSecond))
        func log(_ line: String) {
            guard let suppressed = allowance.take(at: .now) else { return }
            logger.info("child says", metadata: Self.metadata(line, suppressed))
        }
        await read(child.standardError, of: child) { bytes in
            for line in lines.add(bytes) { log(line) }
        }
        if let line = lines.finish() { log(line) }
    }

    private func read(
        _ pipe: SubprocessOutputSequence, of child: Child, _ take: (UnsafeRawBufferPointer) -> Void
    ) async {
        var (late, reads) = (0, 0)
        do {
            for try await buffer in pipe {
                buffer.withUnsafeBytes { take($0) }
                // One that never stops writing never makes us wait, and must not keep the thread from others.
                reads += 1
                if reads % 8 == 0 { await Task.yield() }
                guard late > 0 || ProcessGroup.hasEnded(child.processIdentifier.value) else { continue }
                late += buffer.count
                if late > Self.leftover { return }
            }
        } catch {
            logger.debug("child cannot be read", metadata: ["error": "\(error)"])
        }
    }

    static func metadata(_ line: String, _ suppressed: Int) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["line": .string(line)]
        if suppressed > 0 { metadata["suppressed"] = .stringConvertible(suppressed) }
        return metadata
    }

    // MARK: How it ended

    private static func describe(_ status: TerminationStatus) -> String {
        switch status {
        case .exited(let code): "has ended with exit code \(code)"
        case .signaled(let signal): "was ended by signal \(signal)"
        }
    }

    private static func describe(_ error: any Error, command: String) -> String {
        switch (error as? SubprocessError)?.code {
        case .executableNotFound: "cannot be started: there is no program \(command)"
        case .failedToChangeWorkingDirectory: "cannot be started: its working directory cannot be entered"
        case .spawnFailed: "cannot be started: \(error)"
        default: "was ended: \(error)"
        }
    }
}
