import FoundationEssentials

/// Reads what the file says of one upstream.
struct UpstreamReader {
    private static let childKeys = ["command", "arguments", "environment", "directory"]
    private static let remoteKeys = ["url", "headers", "bearer", "bearer-file"]
    private static let commonKeys = ["prefix", "enabled"]

    private let sources: SettingSources
    private var section: UpstreamSection
    private let entries: [String: SettingsFile.Value]

    /// - Throws: ``SettingsError`` for a key that means nothing here.
    init(name: String, _ value: SettingsFile.Value, file: String, sources: SettingSources) throws {
        self.sources = sources
        section = UpstreamSection(name: name, file: file)
        guard let map = value.map else {
            throw SettingsError("upstreams.\(name): (from \(file)) is not valid; give a map with command or url")
        }
        let rows = Setting.upstreamDefaults.map(\.upstreamKey)
        let known = Self.childKeys + Self.remoteKeys + Self.commonKeys + rows
        var entries: [String: SettingsFile.Value] = [:]
        for (key, value) in map {
            guard known.contains(key) else {
                let hint = nearestName(to: key, among: known).map { "did you mean \($0)?" } ?? "see Docs/Settings.md"
                throw SettingsError(
                    "\(section.path(to: SettingsError.plain(key))): (from \(file)) there is no such key; \(hint)")
            }
            entries[key] = value
        }
        self.entries = entries
        for setting in Setting.upstreamDefaults {
            guard entries[setting.upstreamKey] != nil else { continue }
            if case .list = setting.kind {
                section.texts[setting.name] = try list(setting.upstreamKey).joined(separator: ",")
            } else {
                section.texts[setting.name] = try text(setting.upstreamKey)
            }
        }
    }

    /// Nil when it is switched off; what it says is judged all the same.
    func settings() throws -> UpstreamSettings? {
        let traits = try UpstreamTraits(SettingValues(sources: sources, section: section))
        let settings = UpstreamSettings(
            name: section.name, target: try target(), prefix: try prefix(), traits: traits)
        guard let enabled = try text("enabled") else { return settings }
        guard let isEnabled = Bool(written: enabled) else {
            throw section.bad("enabled", enabled, "give true or false")
        }
        return isEnabled ? settings : nil
    }

    private func prefix() throws -> String? {
        guard let prefix = try text("prefix") else { return nil }
        if let remedy = UpstreamNames.fault(ofPrefix: prefix) { throw section.bad("prefix", prefix, remedy) }
        return prefix
    }

    // MARK: Targets

    private func target() throws -> UpstreamSettings.Target {
        switch (entries["command"] != nil, entries["url"] != nil) {
        case (true, true):
            throw SettingsError(
                "upstreams.\(section.name): (from \(section.file)) has command and url; give one of them")
        case (false, false):
            throw SettingsError("upstreams.\(section.name): (from \(section.file)) has no target; give command or url")
        case (true, false):
            try refuse(Self.remoteKeys, without: "url")
            return .child(try child())
        case (false, true):
            try refuse(Self.childKeys + [Setting.upstreamPassEnvironment.upstreamKey], without: "command")
            return .remote(try remote())
        }
    }

    private func refuse(_ keys: [String], without other: String) throws {
        for key in keys where entries[key] != nil {
            throw SettingsError("\(section.path(to: key)): (from \(section.file)) means nothing without \(other)")
        }
    }

    private func child() throws -> UpstreamSettings.Child {
        let command = try text("command") ?? ""
        if let remedy = UpstreamNames.fault(ofCommand: command) { throw section.bad("command", command, remedy) }
        var child = UpstreamSettings.Child(
            command: expandingTilde(command, sources.environment), arguments: try list("arguments"))
        for (name, value) in try pairs("environment") {
            if let remedy = SettingRule.variable(name) { throw section.bad("environment", name, remedy) }
            child.environment[name] = Secret(value)
        }
        if let given = try text("directory") {
            if let remedy = SettingRule.filled(given) { throw section.bad("directory", given, remedy) }
            let path = expandingTilde(given, sources.environment)
            child.directory = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        }
        return child
    }

    private func remote() throws -> UpstreamSettings.Remote {
        let url = try text("url") ?? ""
        if let remedy = SettingRule.upstreamURL(url) { throw section.bad("url", url, remedy) }
        var remote = UpstreamSettings.Remote(url: url)
        for (name, value) in try pairs("headers") {
            if let remedy = UpstreamNames.fault(ofHeader: name) { throw section.bad("headers", name, remedy) }
            guard value.utf8.allSatisfy({ $0 == 0x09 || (0x20...0x7e).contains($0) }) else {
                throw section.bad("headers.\(name)", nil, "give printable ASCII characters")
            }
            remote.headers.append(UpstreamSettings.Header(name: name, value: Secret(value)))
        }
        try readBearer(into: &remote)
        return remote
    }

    private func readBearer(into remote: inout UpstreamSettings.Remote) throws {
        let (given, file) = (try text("bearer"), try text("bearer-file"))
        if given != nil, file != nil {
            throw SettingsError(
                "\(section.path(to: "bearer-file")): (from \(section.file)) stands beside bearer; give one")
        }
        if let given {
            if let remedy = SettingRule.bearer(given) { throw section.bad("bearer", nil, remedy) }
            remote.bearer = Secret(given)
        }
        guard let file else { return }
        let path = expandingTilde(file, sources.environment)
        guard let data = FileManager.default.contents(atPath: path), data.count <= 65_536 else {
            throw section.bad("bearer-file", file, "give a file with the token in it that can be read")
        }
        let token = String(decoding: data, as: UTF8.self).trimming(while: \.isWhitespace)
        if let remedy = SettingRule.bearer(token) {
            throw section.bad("bearer-file", file, "in the file, \(remedy)")
        }
        remote.bearerFile = path
    }

    // MARK: Values

    private func text(_ key: String) throws -> String? {
        guard let value = entries[key] else { return nil }
        guard let text = value.text else { throw section.bad(key, nil, "give one value, not a list or a map") }
        return text
    }

    /// A sequence, or one text with commas where the key is a row of the table.
    private func list(_ key: String) throws -> [String] {
        guard let value = entries[key] else { return [] }
        if let text = value.text, Setting.upstreamDefaults.contains(where: { $0.upstreamKey == key }) { return [text] }
        let texts = value.list?.compactMap(\.text)
        guard let texts, texts.count == value.list?.count else { throw section.bad(key, nil, "give a list of texts") }
        return texts
    }

    private func pairs(_ key: String) throws -> [(name: String, value: String)] {
        guard let value = entries[key] else { return [] }
        guard let map = value.map else { throw section.bad(key, nil, "give a map of names to texts") }
        return try map.map { name, value in
            guard let text = value.text else { throw section.bad(key, nil, "give a map of names to texts") }
            return (name, text)
        }
    }
}
