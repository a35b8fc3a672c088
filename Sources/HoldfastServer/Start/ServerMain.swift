import ArgumentParser
package import MCPEngine

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Whole programs, for a `main.swift` to call.
package enum ServerMain {
    /// The program `holdfast` with its commands.
    package static func run(arguments: [String] = CommandLine.arguments) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        do {
            try expectCommand(arguments)
            var command = try HoldfastCommand.parseAsRoot(Array(arguments.dropFirst()))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch {
            Exit.with(error, parsing: HoldfastCommand.self)
        }
    }

    /// Only the server, with the options of `serve`, or after the word `stdio` with those of `stdio`, and with tools of
    /// its own beside the built-in ones.
    package static func run(arguments: [String], upstreams: [any Upstream]) async -> Never {
        signal(SIGPIPE, SIG_IGN)
        let isStdio = arguments.dropFirst().first == StdioCommand._commandName
        do {
            try expectCommand(arguments)
            if isStdio {
                try await StdioCommand.parse(Array(arguments.dropFirst(2))).serve(upstreams: upstreams)
            } else {
                try await ServeCommand.parse(Array(arguments.dropFirst())).serve(upstreams: upstreams)
            }
            exit(0)
        } catch {
            Exit.with(error, parsing: isStdio ? StdioCommand.self : ServeCommand.self)
        }
    }

    /// What is parsed does not say whether there was a `--`.
    private static func expectCommand(_ arguments: [String]) throws {
        guard arguments.dropFirst().last == "--" else { return }
        throw SettingsError("command: nothing follows --; give a program and its arguments")
    }
}
