/// What the file says of one upstream under keys that are rows of the table.
struct UpstreamSection {
    let name: String
    let file: String
    /// By the name of the setting.
    var texts: [String: String] = [:]

    /// As it is written in messages: `upstreams.files.start-time`.
    func path(to key: String) -> String { "upstreams.\(name).\(key)" }
    func path(to setting: Setting) -> String { path(to: setting.upstreamKey) }

    /// `remedy` ends the sentence "… is not valid".
    func bad(_ key: String, _ value: String? = nil, _ remedy: String) -> SettingsError {
        let shown = value.map(SettingsError.quoted) ?? "the value"
        return SettingsError("\(path(to: key)): \(shown) (from \(file)) is not valid; \(remedy)")
    }
}
