/// Why the settings cannot be used: one line that names the setting, where it came from, and what would be right.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// - Parameter name: The setting's, or that of the key which stands for it at one upstream.
    static func bad(
        _ setting: Setting, as name: String? = nil, _ value: String, from origin: String, _ remedy: String
    ) -> SettingsError {
        let shown = setting.isSecret ? "the value" : quoted(value)
        return SettingsError("\(name ?? setting.name): \(shown) (from \(origin)) is not valid; \(remedy)")
    }

    static func unknown(_ name: String, in place: String, nearest: String?) -> SettingsError {
        let hint = nearest.map { "did you mean \($0)?" } ?? "see 'holdfast serve --help' for the names"
        return SettingsError("\(place): there is no setting \(quoted(name)); \(hint)")
    }

    /// On one line and not endless, whatever it holds.
    static func quoted(_ text: String) -> String {
        "\"\(plain(text))\""
    }

    static func plain(_ text: String) -> String { text.count > 80 ? "\(printable(text.prefix(80)))…" : printable(text) }

    /// On one line and whole: what a path ends with says most, and a system has its own bound on it.
    static func path(_ text: String) -> String { "\"\(printable(text))\"" }

    private static func printable(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.isPrintable ? $0 : "\u{fffd}" }))
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
