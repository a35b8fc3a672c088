/// What a child sees of the environment of this process: where programs and its own files are, and how its user writes.
/// Everything else may be a secret, our own settings among them, and has to be given to it by name.
enum ChildEnvironment {
    static let inherited: Set<String> = [
        "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER",
    ]

    static func make(from ours: [String: String], adding given: [String: String]) -> [String: String] {
        ours.filter { inherited.contains($0.key) }.merging(given) { $1 }
    }
}
