import ArgumentParser
import FoundationEssentials
import Logging
import MCPEngine

struct StdioCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stdio",
        abstract: "Serve the one client that started this program, on standard input and output.",
        discussion: """
            For clients that start their servers, such as Claude Desktop. Settings come from flags, variables and the \
            YAML file as for 'serve', and the same data directory may be in use by a running 'serve'. Log lines go to \
            standard error.
            """)

    @OptionGroup var options: StdioOptions

    func run() async throws {
        try await serve(upstreams: [])
    }

    func serve(upstreams: [any Upstream]) async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = try await Settings.load(
            flags: options.given, command: options.upstreams.command, environment: environment)
        LoggingSystem.bootstrap(settings, environment: environment)
        let logger = Logger(label: "holdfast")
        try await StdioComposition(settings: settings, upstreams: upstreams, logger: logger).run()
    }
}
