import ArgumentParser
import FoundationEssentials
import MCPProbe

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Find out why the tools of a server do not appear.",
        discussion: """
            Talks to any MCP server over HTTP as real clients do, and says what they would make of it. Only tools that say \
            that they change nothing are called, unless --aggressive is given; sessions that it opens it ends. The exit \
            status is 0 when there is nothing to mend, 1 when there is, 2 when nothing answers, 64 for usage.
            """)

    @Argument(help: "The URL as a client would have it, such as https://mcp.example.com/mcp.")
    var url: String

    @Option(help: "The token to call with. Better in HOLDFAST_PROBE_BEARER, which no list of processes shows.")
    var bearer: String?

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Judge for one client only: \(ProbedClient.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "client"))
    var client: ProbedClient?

    @Option(help: ArgumentHelp("Write the report as JSON; - is standard output.", valueName: "file"))
    var json: String?

    @Option(help: ArgumentHelp("Write the report as one HTML page.", valueName: "file"))
    var html: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Only these checks, by id or the first part of it, such as race. stream.idle, which takes 65 s, runs only so "
                + "or with --aggressive.", valueName: "check"))
    var only: [String] = []

    @Flag(help: "Also call tools that may change something, end more sessions, and watch a stream for 65 s.")
    var aggressive = false

    @Option(help: ArgumentHelp("How long to watch an idle stream, instead of 65 s.", valueName: "seconds"))
    var watch: Int?

    @Option(
        help: ArgumentHelp(
            "Trust the authorities in this PEM file too, for a server with a certificate of your own.",
            valueName: "file"))
    var cacert: String?

    @Option(help: "Repeat the random choices of another probe.")
    var seed: UInt64?

    func validate() throws {
        if let objection = ProbeTarget.objection(to: url) { throw ValidationError(objection) }
        if let watch, !(1...600).contains(watch) {
            throw ValidationError("--watch \(watch) is not a number of seconds from 1 to 600")
        }
        if let cacert, !Probe.canTrust(cacert) {
            throw ValidationError("--cacert \"\(cacert)\" is not a file with certificates in PEM")
        }
        for name in only where CheckList.named(name).isEmpty {
            throw ValidationError("there is no check \"\(name)\"; Docs/Probe.md has them all")
        }
    }

    func run() async throws {
        guard let target = ProbeTarget(url) else { return }
        var options = Probe.Options(seed: seed ?? UInt64(UInt32.random(in: .min ... .max)))
        options.bearer = try token
        options.client = client
        options.isAggressive = aggressive
        options.authorities = cacert
        options.watch = watch.map { .seconds($0) }
        if !only.isEmpty {
            let wanted = Set(only.flatMap { CheckList.named($0).map(\.id) })
            options.checks = CheckList.all.filter { wanted.contains($0.id) }
        }
        let isWatched = isatty(StandardStream.error.rawValue) == 1
        let probe = Probe(target, options) { inquiry in
            if isWatched { StandardStream.error.write("\r\u{1B}[K\(inquiry.title) …") }
        }
        let report = await probe.run(at: Date.now.formatted(.iso8601))
        if isWatched { StandardStream.error.write("\r\u{1B}[K") }
        if let html { try Self.write(PageReport.html(report), to: html, option: "html") }
        if json == "-" {
            StandardStream.output.write(JSONReport.text(report) + "\n")
        } else {
            if let json { try Self.write(JSONReport.text(report) + "\n", to: json, option: "json") }
            let environment = ProcessInfo.processInfo.environment
            let hasColors = isatty(StandardStream.output.rawValue) == 1 && environment["NO_COLOR", default: ""].isEmpty
            StandardStream.output.write(TextReport.text(report, hasColors: hasColors, width: Self.columns))
        }
        throw ExitCode(report.outcome.exitStatus)
    }

    /// Of the terminal that is written to; more than enough where there is none.
    private static var columns: Int {
        var size = winsize()
        let status = ioctl(StandardStream.output.rawValue, UInt(TIOCGWINSZ), &size)
        return status == 0 && size.ws_col > 0 ? Int(size.ws_col) : .max
    }

    private var token: String? {
        get throws {
            let given = bearer ?? ProcessInfo.processInfo.environment["HOLDFAST_PROBE_BEARER"]
            guard let given, !given.isEmpty else { return nil }
            guard given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw ValidationError("the token has characters that cannot be sent in a header")
            }
            return given
        }
    }

    private static func write(_ text: String, to path: String, option: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw SettingsError("\(option): \(path) cannot be written")
        }
    }
}

extension ProbedClient: ExpressibleByArgument {}
