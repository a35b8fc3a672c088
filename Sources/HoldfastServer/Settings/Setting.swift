/// One setting as it is declared: its name, what it takes, its default and its help.
///
/// The flags, the environment variables, the keys of the YAML file, the help, `Docs/Settings.md` and every error message
/// come from the rows of ``Setting/all``.
package struct Setting: Sendable, CustomStringConvertible {
    package enum Group: String, CaseIterable, Sendable {
        case server = "Server"
        case access = "Access"
        case oauth = "OAuth"
        case upstreams = "Upstreams"
        case sessions = "Sessions"
        case lists = "Lists"
        case limits = "Limits"
        case tasks = "Tasks"
        case timing = "Timing"
    }

    /// What a value must be. Bounds are inclusive.
    package enum Kind: Sendable {
        /// `rule` returns what would be right when the text is not.
        case text(placeholder: String, rule: @Sendable (String) -> String?)
        /// Comma-separated, or a sequence in YAML; `rule` judges one item.
        case list(placeholder: String, rule: @Sendable (String) -> String?)
        case choice([String])
        case flag
        case int(ClosedRange<Int>)
        case duration(ClosedRange<Duration>)
        case bytes(ClosedRange<Int>)
    }

    /// In kebab-case: the flag without its dashes, and the key in YAML.
    package let name: String
    package let group: Group
    package let kind: Kind
    /// As one would write it; nil for a setting that is unset by default.
    package let defaultText: String?
    /// One line.
    package let help: String
    /// Never shown again: not in help, logs or errors.
    package let isSecret: Bool
    /// False for what only a flag or the environment can say.
    package let inFile: Bool

    package init(
        _ name: String, _ group: Group, _ kind: Kind, default defaultText: String? = nil, secret: Bool = false,
        inFile: Bool = true, _ help: String
    ) {
        self.name = name
        self.group = group
        self.kind = kind
        self.defaultText = defaultText
        self.help = help
        self.isSecret = secret
        self.inFile = inFile
    }

    package var description: String { name }

    /// `data-dir` → `HOLDFAST_DATA_DIR`.
    package var variable: String { "HOLDFAST_" + name.uppercased().replacing("-", with: "_") }

    package var placeholder: String {
        switch kind {
        case .text(let placeholder, _), .list(let placeholder, _): placeholder
        case .choice(let choices): choices.joined(separator: "|")
        case .flag: "true|false"
        case .int: "number"
        case .duration: "duration"
        case .bytes: "size"
        }
    }

    /// What a value has to be, in words that end a sentence: `give …`.
    package var expectation: String {
        switch kind {
        case .text(let placeholder, _): "give \(placeholder)"
        case .list(let placeholder, _): "give \(placeholder), comma-separated"
        case .choice(let choices): "give one of \(choices.joined(separator: ", "))"
        case .flag: "give true or false"
        case .int(let bounds): "give a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        case .duration(let bounds):
            "give a duration from \(bounds.lowerBound.written) to \(bounds.upperBound.written), such as 500ms, 10s, 15m or 24h"
        case .bytes(let bounds):
            "give a size from \(bounds.lowerBound.writtenAsSize) to \(bounds.upperBound.writtenAsSize), such as 64KiB or 4MiB"
        }
    }
}
