#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Asks for a password: twice and without showing it at a terminal, otherwise one line of standard input. Never as an
/// argument, which others could read.
enum PasswordPrompt {
    static func ask() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { return try line() }
        StandardStream.error.write("Password: ")
        let first = try hidden()
        StandardStream.error.write("\nOnce more: ")
        let second = try hidden()
        StandardStream.error.write("\n")
        guard first == second else { throw StartFailure("password: the two are not the same; nothing was changed") }
        return first
    }

    private static func hidden() throws -> String {
        var shown = termios()
        tcgetattr(STDIN_FILENO, &shown)
        var silent = shown
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown) }
        return try line()
    }

    private static func line() throws -> String {
        guard let line = readLine(strippingNewline: true) else {
            throw StartFailure("password: standard input is empty; give the password there, on one line")
        }
        return line
    }
}
