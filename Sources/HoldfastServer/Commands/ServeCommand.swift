import ArgumentParser
import CoreMetrics
import FoundationEssentials
import Logging
import MCPEngine

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Every setting can also be given as a variable, --data-dir as HOLDFAST_DATA_DIR, and in a YAML file under its \
            name. A flag wins over a variable, a variable over the file. Durations are written 500ms, 10s, 15m, 24h; \
            sizes 64KiB, 4MiB.
            """)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        try await serve(upstreams: [])
    }

    func serve(upstreams: [any Upstream]) async throws {
        let environment = ProcessInfo.processInfo.environment
        let settings = try await Settings.load(
            flags: options.given, command: options.upstreams.command, environment: environment)
        let requests = LoggingSystem.bootstrap(settings, environment: environment)
        let registry = PrometheusRegistry(help: MetricHelp.texts)
        MetricsSystem.bootstrap(registry)
        let logger = Logger(label: "holdfast")
        try await Composition(
            settings: settings, upstreams: upstreams, registry: registry, requests: requests, logger: logger
        ).run()
    }
}
