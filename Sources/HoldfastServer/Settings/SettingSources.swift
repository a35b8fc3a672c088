import Configuration

/// Where settings come from, in order: flags, `HOLDFAST_…`, `PORT`, the YAML file.
package struct SettingSources: Sendable {
    /// Answers with the first source that has a value; ``SettingOrigins`` tells which that was.
    let reader: ConfigReader
    let origins: SettingOrigins
    let environment: [String: String]
    let file: SettingsFile?

    /// - Parameters:
    ///   - flags: What was given on the command line, by setting name.
    ///   - environment: All of it; an empty variable counts as one that is not set.
    /// - Throws: ``SettingsError`` for a variable `HOLDFAST_…` or a key in the file that is no setting, and for a file
    ///   that cannot be read.
    package init(flags: [String: String], environment: [String: String]) throws {
        let environment = environment.filter { !$0.value.isEmpty }
        let names = Set(Setting.all.map(\.variable))
        for variable in environment.keys.sorted() where variable.hasPrefix("HOLDFAST_") && !names.contains(variable) {
            throw SettingsError.unknown(
                variable, in: "environment", nearest: nearestName(to: variable, among: names.sorted()))
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(
                name: SettingOrigins.commandLine,
                values: Dictionary(
                    uniqueKeysWithValues: flags.map { name, value in
                        (AbsoluteConfigKey([name]), ConfigValue(.string(value), isSecret: Self.isSecret(name)))
                    })),
            EnvironmentVariablesProvider(
                environmentVariables: environment.filter { names.contains($0.key) },
                secretsSpecifier: .specific(Set(Setting.all.filter(\.isSecret).map(\.variable)))
            ).prefixKeys(with: "holdfast"),
            EnvironmentVariablesProvider(environmentVariables: environment.filter { $0.key == "PORT" }),
        ]
        let place = flags[Setting.config.name] ?? environment[Setting.config.variable]
        file = try place.map { try SettingsFile(expandingTilde($0, environment)) }
        if let file { providers.append(try Self.provider(of: file)) }
        origins = SettingOrigins(file: place)
        reader = ConfigReader(providers: providers, accessReporter: origins)
        self.environment = environment
    }

    private static func isSecret(_ name: String) -> Bool {
        Setting.all.contains { $0.name == name && $0.isSecret }
    }

    private static func provider(of file: SettingsFile) throws -> InMemoryProvider {
        let names = Setting.all.filter(\.inFile).map(\.name)
        for name in file.names.sorted() where !names.contains(name) {
            throw SettingsError.unknown(
                name, in: file.path, nearest: nearestName(to: name, among: names + [SettingsFile.upstreamsKey]))
        }
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (name, value) in file.entries where name != SettingsFile.upstreamsKey {
            let items = value.list?.compactMap(\.text)
            guard let content = value.text.map(ConfigContent.string) ?? items.map(ConfigContent.stringArray),
                items?.count == value.list?.count
            else {
                throw SettingsError(
                    "\(name): (from \(file.path)) is not valid; give one value, or a list of plain values")
            }
            values[AbsoluteConfigKey([name])] = ConfigValue(content, isSecret: isSecret(name))
        }
        return InMemoryProvider(name: SettingOrigins.file, values: values)
    }
}

/// Replaces a leading `~` by the home directory.
package func expandingTilde(_ path: String, _ environment: [String: String]) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
    return home + path.dropFirst()
}
