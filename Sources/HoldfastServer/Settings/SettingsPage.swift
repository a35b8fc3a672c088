/// `Docs/Settings.md`, made from the table.
package enum SettingsPage {
    package static var markdown: String {
        introduction + Setting.Group.allCases.map(section).joined()
    }

    private static let introduction = """
        # Settings

        <!-- Written by `make docs` from the table of settings in the program. Do not edit. -->

        Every setting has one name. It can be given, in order of precedence:

        1. as a flag: `holdfast serve --data-dir DIR`;
        2. as a variable: `HOLDFAST_DATA_DIR=DIR`; one that is empty counts as not set;
        3. in a YAML file that `--config FILE` or `HOLDFAST_CONFIG` names: `data-dir: DIR`.

        Durations are written `500ms`, `10s`, `15m`, `24h`, `7d`; a plain number is seconds. Sizes are written `64KiB`,
        `4MiB`, `1GiB`; a plain number is bytes. Lists are comma-separated, or a sequence in YAML. What can be true or
        false is turned on by its flag and off by the flag with `--no-`.

        An unknown name, a bad value or an unreadable file ends the program with status 64 and one line that names the
        setting.

        """

    private static func section(_ group: Setting.Group) -> String {
        let rows = Setting.all.filter { $0.group == group }.map { setting in
            "| `\(setting.name)` | \(takes(setting)) | \(standard(setting)) | \(setting.help)\(note(setting)) |"
        }
        return """

            ## \(group.rawValue)

            | Name | Takes | Default | |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))
            \(group == .upstreams ? upstreams : "")
            """
    }

    private static let upstreams = """

        In the file, `upstreams` is a map of names to servers, in the order in which what they offer is shown. A name has
        1 to 32 of `a-z 0-9 _ -`. Each server has

        | Key | Takes | |
        |---|---|---|
        | `command` | a program | It is started and talked to on its standard input and output. This or `url`. |
        | `arguments` | a list | Its arguments. |
        | `environment` | a map | Variables that are set for it. |
        | `directory` | a directory | Where it runs. |
        | `url` | an http or https URL | The MCP endpoint of a remote server. |
        | `headers` | a map | Headers that are sent with every request. |
        | `bearer` | a token | Sent as `Authorization: Bearer …`. A client's own token never is. |
        | `bearer-file` | a file | Holds the token; it is read again when the server refuses the one that it held. |
        | `prefix` | 1 to 32 of `A-Z a-z 0-9 _ -` | What its tools and prompts are named under. With several servers the name; with one they keep their own names. |
        | `enabled` | `true`, `false` | Whether it is there at all. Default: `true`. |
        \(Setting.upstreamDefaults.map { "| `\($0.upstreamKey)` | \(takes($0)) | As `\($0.name)`, for this server. |" }.joined(separator: "\n"))

        """

    private static func takes(_ setting: Setting) -> String {
        switch setting.kind {
        case .text(let placeholder, _), .list(let placeholder, _): placeholder
        case .choice(let choices): choices.map { "`\($0)`" }.joined(separator: ", ")
        case .flag: "`true`, `false`"
        case .int(let bounds): "\(bounds.lowerBound) to \(bounds.upperBound)"
        case .duration(let bounds): "\(bounds.lowerBound.written) to \(bounds.upperBound.written)"
        case .bytes(let bounds): "\(bounds.lowerBound.writtenAsSize) to \(bounds.upperBound.writtenAsSize)"
        }
    }

    private static func standard(_ setting: Setting) -> String {
        // The same page on every platform.
        if setting.name == Setting.dataDir.name {
            return "`$XDG_DATA_HOME/holdfast`, else `~/.local/share/holdfast`; "
                + "on macOS `~/Library/Application Support/holdfast`"
        }
        guard let text = setting.defaultText, !text.isEmpty else { return "" }
        return text.split(separator: ",").map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func note(_ setting: Setting) -> String {
        (setting.inFile ? "" : " Not in the file itself.") + (setting.isSecret ? " Never shown or logged." : "")
    }
}
