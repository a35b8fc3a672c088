import Configuration

/// Reads settings by their rows: the text from the sources, or the default, judged and turned into its type.
struct SettingValues {
    let sources: SettingSources
    /// What one upstream says otherwise than the rest.
    var section: UpstreamSection?

    func optionalText(_ setting: Setting) throws -> String? {
        guard case .text(_, let rule) = setting.kind, let found = try find(setting) else { return nil }
        if let remedy = rule(found.text) { throw found.refused(remedy) }
        return found.text
    }

    func text(_ setting: Setting) throws -> String {
        try optionalText(setting) ?? ""
    }

    func list(_ setting: Setting) throws -> [String] {
        guard case .list(_, let rule) = setting.kind, let found = try find(setting) else { return [] }
        let items = found.text.split(separator: ",").map { $0.trimming(while: \.isWhitespace) }.filter { !$0.isEmpty }
        for item in items {
            if let remedy = rule(item) {
                throw SettingsError.bad(setting, as: found.name, item, from: found.origin, remedy)
            }
        }
        return items
    }

    func choice<Choice: RawRepresentable<String>>(_ setting: Setting) throws -> Choice {
        try parse(setting) { Choice(rawValue: $0) }
    }

    func flag(_ setting: Setting) throws -> Bool {
        try parse(setting, Bool.init(written:))
    }

    func optionalFlag(_ setting: Setting) throws -> Bool? {
        try find(setting) == nil ? nil : flag(setting)
    }

    func int(_ setting: Setting) throws -> Int {
        guard case .int(let bounds) = setting.kind else { return 0 }
        return try parse(setting) { text in Int(text).flatMap { bounds.contains($0) ? $0 : nil } }
    }

    func duration(_ setting: Setting) throws -> Duration {
        guard case .duration(let bounds) = setting.kind else { return .zero }
        return try parse(setting) { text in Duration(written: text).flatMap { bounds.contains($0) ? $0 : nil } }
    }

    func bytes(_ setting: Setting) throws -> Int {
        guard case .bytes(let bounds) = setting.kind else { return 0 }
        return try parse(setting) { text in Int(writtenAsSize: text).flatMap { bounds.contains($0) ? $0 : nil } }
    }

    // MARK: Finding

    private struct Found {
        let setting: Setting
        var name: String?
        let text: String
        let origin: String

        func refused(_ remedy: String) -> SettingsError { .bad(setting, as: name, text, from: origin, remedy) }
    }

    private func parse<Value>(_ setting: Setting, _ convert: (String) -> Value?) throws -> Value {
        guard let found = try find(setting) else {
            throw SettingsError("\(setting.name): it has no value; \(setting.expectation)")
        }
        guard let value = convert(found.text) else { throw found.refused(setting.expectation) }
        return value
    }

    private func find(_ setting: Setting) throws -> Found? {
        if let section, let text = section.texts[setting.name] {
            return Found(setting: setting, name: section.path(to: setting), text: text, origin: section.file)
        }
        let key = ConfigKey([setting.name])
        if let text = sources.reader.string(forKey: key, isSecret: setting.isSecret) {
            return Found(setting: setting, text: text, origin: sources.origins.lastOrigin(of: setting) ?? "default")
        }
        // A source that has the key but no text for it: a sequence in the file.
        if let origin = sources.origins.lastOrigin(of: setting) {
            guard case .list = setting.kind, let items = sources.reader.stringArray(forKey: key) else {
                throw SettingsError("\(setting.name): the value (from \(origin)) is a list; \(setting.expectation)")
            }
            return Found(setting: setting, text: items.joined(separator: ","), origin: origin)
        }
        return setting.defaultText.map { Found(setting: setting, text: $0, origin: "default") }
    }
}

extension StringProtocol {
    /// Without the characters at both ends for which `isMargin` holds.
    func trimming(while isMargin: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isMargin($0) }), let last = lastIndex(where: { !isMargin($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
