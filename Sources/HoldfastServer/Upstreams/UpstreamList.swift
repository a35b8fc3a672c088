import MCPEngine

/// All servers behind this one, in the order in which what they offer is shown.
enum UpstreamList {
    /// The name of the one that was given without one.
    static let onlyName = "server"
    /// The built-in memory tools carry it in their names already.
    static let memoryName = "memory"

    /// - Parameter command: What stood after `--` on the command line.
    /// - Throws: ``SettingsError``.
    static func load(command: [String], _ sources: SettingSources) throws -> [UpstreamSettings] {
        let values = SettingValues(sources: sources)
        let traits = try UpstreamTraits(values)
        let url = try values.optionalText(.upstream)
        let bearer = try values.optionalText(.upstreamBearer).map(Secret.init)
        let section = sources.file?.entries.first { $0.name == SettingsFile.upstreamsKey }?.value
        let listed = try section.map { try read($0, sources) } ?? []
        if bearer != nil, url == nil {
            throw SettingsError(
                "upstream-bearer: it means nothing without upstream, the URL of the server that wants it")
        }
        switch (command.isEmpty, url, section == nil) {
        case (false, nil, true): return [try child(command, traits)]
        case (true, let url?, true):
            return [
                UpstreamSettings(
                    name: onlyName, target: .remote(UpstreamSettings.Remote(url: url, bearer: bearer)), traits: traits)
            ]
        case (true, nil, _): return try prefixed(listed)
        default:
            throw SettingsError(
                "upstream: give one of '-- COMMAND', --upstream and upstreams in the file, not two; several servers go "
                    + "in the file")
        }
    }

    private static func child(_ words: [String], _ traits: UpstreamTraits) throws -> UpstreamSettings {
        if let remedy = UpstreamNames.fault(ofCommand: words[0]) {
            throw SettingsError("command: \(SettingsError.quoted(words[0])) (after --) is not valid; \(remedy)")
        }
        let child = UpstreamSettings.Child(command: words[0], arguments: Array(words.dropFirst()))
        return UpstreamSettings(name: onlyName, target: .child(child), traits: traits)
    }

    private static func read(
        _ section: SettingsFile.Value, _ sources: SettingSources
    ) throws -> [UpstreamSettings] {
        let file = sources.file?.path ?? ""
        if section.text?.isEmpty == true { return [] }
        guard let map = section.map else {
            throw SettingsError("upstreams: (from \(file)) is not valid; give a map of names to servers")
        }
        return try map.compactMap { name, value in
            if let remedy = UpstreamNames.fault(ofName: name) {
                throw SettingsError(
                    "upstreams: the name \(SettingsError.quoted(name)) (from \(file)) is not valid; \(remedy)")
            }
            return try UpstreamReader(name: name, value, file: file, sources: sources).settings()
        }
    }

    /// With several each has a prefix, and no two can make one name of different ones.
    private static func prefixed(_ listed: [UpstreamSettings]) throws -> [UpstreamSettings] {
        guard listed.count > 1 else { return listed }
        let upstreams = listed.map { upstream in
            var upstream = upstream
            upstream.prefix = upstream.prefix ?? upstream.name
            return upstream
        }
        if let (first, second) = OfferedName.ambiguity(among: upstreams.map { ($0.name, $0.prefix ?? "") }) {
            throw SettingsError(
                "upstreams.\(second).prefix: what it offers could have the names of what upstreams.\(first) offers; give "
                    + "one of them another prefix")
        }
        return upstreams
    }

    /// The memory tools are named `memory_…`, with or without a prefix of others.
    static func makeRoomForMemory(_ upstreams: [UpstreamSettings]) throws {
        for upstream in upstreams where [upstream.name, upstream.prefix].contains(memoryName) {
            throw SettingsError(
                "upstreams.\(upstream.name): \(memoryName) names the built-in memory tools; give another name, or switch "
                    + "them off with memory: false")
        }
    }
}
