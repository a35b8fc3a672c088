import ArgumentParser

/// The options of every command that works on a data directory.
package struct StoreOptions: ParsableArguments {
    package init() {}

    @Option(name: .setting(.dataDir), help: Setting.dataDir.argumentHelp)
    var dataDir: String?

    @Option(name: .setting(.config), help: Setting.config.argumentHelp)
    var config: String?

    var given: [(Setting, String?)] { [(.dataDir, dataDir), (.config, config)] }
}

extension NameSpecification {
    static func setting(_ setting: Setting) -> NameSpecification { .customLong(setting.name) }
}

extension Setting {
    var argumentHelp: ArgumentHelp {
        let shown = defaultText.flatMap { $0.isEmpty || isSecret ? nil : " (default: \($0))" } ?? ""
        return ArgumentHelp("\(help)\(shown)", valueName: valueName)
    }

    /// What stands for the value in the help.
    private var valueName: String {
        switch kind {
        case .text: name
        case .list: "list"
        case .choice, .flag, .int, .duration, .bytes: placeholder
        }
    }
}
