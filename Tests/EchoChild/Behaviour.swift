/// What the child was told to do other than a good server does.
struct Behaviour {
    /// Writes text to standard output before anything else.
    var banner = false
    /// Ends when the first message is not `initialize`.
    var exitOnUnknown = false
    /// Says nothing to the first message.
    var silentFirst = false
    /// Speaks the per-request era only.
    var perRequest = false
    /// Before each answer: a line that is not UTF-8.
    var invalidUTF8 = false
    /// Before each answer: blank lines, half a message, and JSON that is none.
    var garbage = false
    /// Before the first answer: a line of that many bytes.
    var hugeLine = 0
    var neverRead = false
    /// Bytes written to standard error before anything else.
    var fillErrors = 0
    /// Answers are arrays (2025-03-26).
    var batch = false
    /// Each answer comes twice.
    var twice = false
    /// Before each answer: one to a request that never was.
    var unknownAnswers = false
    var ignoreEnd = false
    var ignoreTermination = false
    /// Is no server, but a descendant that holds its pipes: waits for ever, or writes for ever.
    var hold = false
    var spam = false

    init(_ arguments: some Sequence<String>) {
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            let number = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
            switch parts.first {
            case "--banner": banner = true
            case "--exit-on-unknown": exitOnUnknown = true
            case "--silent-first": silentFirst = true
            case "--per-request": perRequest = true
            case "--invalid-utf8": invalidUTF8 = true
            case "--garbage": garbage = true
            case "--huge-line": hugeLine = number
            case "--never-read": neverRead = true
            case "--fill-stderr": fillErrors = number
            case "--batch": batch = true
            case "--twice": twice = true
            case "--unknown-answers": unknownAnswers = true
            case "--ignore-end": ignoreEnd = true
            case "--ignore-termination": ignoreTermination = true
            case "--hold": hold = true
            case "--spam": spam = true
            default: break
            }
        }
    }
}
