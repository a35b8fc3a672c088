import ArgumentParser

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// How the process ends.
package enum Exit {
    /// A command line, variable or file that is wrong (`EX_USAGE`).
    static let usage: Int32 = 64
    static let failure: Int32 = 1

    /// The line for standard error, nil for what is no fault, and the status. `command` is what was being parsed.
    static func report(_ error: any Error, parsing command: any ParsableArguments.Type) -> (
        line: String?, status: Int32
    ) {
        switch error {
        case let error as SettingsError: return (line(error.description), usage)
        case let error as StartFailure: return (line(error.description), failure)
        // Whoever throws it has said everything.
        case let code as ExitCode: return (nil, code.rawValue)
        default: break
        }
        let status = command.exitCode(for: error).rawValue
        guard status != 0 else { return (nil, 0) }
        let message = command.message(for: error)
        return (line(message.isEmpty ? "\(error)" : message), status)
    }

    static func with(_ error: any Error, parsing command: any ParsableArguments.Type) -> Never {
        let (line, status) = report(error, parsing: command)
        // Help and the version are "errors" too, and go to standard output.
        guard let line else { command.exit(withError: error) }
        StandardStream.error.write(line)
        exit(status)
    }

    private static func line(_ message: String) -> String {
        let words = message.split(whereSeparator: \.isNewline).map { $0.trimming(while: \.isWhitespace) }
        return "holdfast: \(words.joined(separator: " "))\n"
    }
}
