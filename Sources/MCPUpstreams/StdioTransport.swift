import FoundationEssentials
package import Logging
package import MCPEngine

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A server that is started as a child process and spoken to through its standard input and output (T-01…T-33).
package struct StdioTransport: UpstreamTransport {
    package struct Configuration: Sendable {
        /// The upstream's, for the log and for messages to people.
        package var name: String
        /// A path, or the name of a program in `PATH`.
        package var command: String
        package var arguments: [String]
        /// Added to the few variables that a child is given of ours (HOME, LANG, LC_ALL, LC_CTYPE, LOGNAME, PATH,
        /// SHELL, TERM, TMPDIR, TZ, USER), or put in their place.
        package var environment: [String: String] = [:]
        /// Nil for our own.
        package var directory: String?
        /// Nil for 5 s, or 60 s when the command is known to fetch what it starts.
        package var probeTime: Duration?
        /// Bytes in one message of the child's; a longer one is passed over, and the request it answers fails.
        package var longestLine = 64 << 20
        /// Bytes that may wait for a child which does not read.
        package var buffer = 8 << 20
        /// How long it may take to end by itself once its input has ended, before it gets SIGTERM.
        package var inputGrace: Duration = .seconds(2)
        /// How long it may take after SIGTERM, before it gets SIGKILL.
        package var terminationGrace: Duration = .seconds(3)
        /// Lines of its standard error that are logged, per second; ten times as many at once. 0 for none.
        package var errorLinesPerSecond = 20

        package init(name: String, command: String, arguments: [String] = []) {
            self.name = name
            self.command = command
            self.arguments = arguments
        }
    }

    package let configuration: Configuration

    package init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    package var hasStreamPerRequest: Bool { false }

    package var probeTime: Duration {
        configuration.probeTime ?? (Launcher.isOne(configuration.command) ? .seconds(60) : .seconds(5))
    }

    package func open(
        on host: SessionHost, _ receiver: LinkReceiver, logger: Logger
    ) async throws(LinkFailure) -> any UpstreamLink {
        // Writing to a child that is gone is an error to be handled, not the end of this process.
        signal(SIGPIPE, SIG_IGN)
        let environment = ChildEnvironment.make(
            from: ProcessInfo.processInfo.environment, adding: configuration.environment)
        let link = StdioLink(configuration, environment: environment, receiver: receiver, logger: logger)
        try await link.start(on: host)
        return link
    }
}
