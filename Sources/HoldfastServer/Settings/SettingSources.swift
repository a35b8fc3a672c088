import Configuration
import FoundationEssentials
import Synchronization

/// Where settings come from, in order: flags, `HOLDFAST_…`, `PORT`, the YAML file.
package struct SettingSources: Sendable {
    /// Answers with the first source that has a value; ``SettingOrigins`` tells which that was.
    let reader: ConfigReader
    let origins: SettingOrigins
    let environment: [String: String]

    /// - Parameters:
    ///   - flags: What was given on the command line, by setting name.
    ///   - environment: All of it; an empty variable counts as one that is not set.
    /// - Throws: ``SettingsError`` for a variable `HOLDFAST_…` or a key in the file that is no setting, and for a file
    ///   that cannot be read.
    package init(flags: [String: String], environment: [String: String]) async throws {
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
        let file = flags[Setting.config.name] ?? environment[Setting.config.variable]
        if let file {
            providers.append(try await Self.provider(ofFile: expandingTilde(file, environment)))
        }
        origins = SettingOrigins(file: file)
        reader = ConfigReader(providers: providers, accessReporter: origins)
        self.environment = environment
    }

    private static func isSecret(_ name: String) -> Bool {
        Setting.all.contains { $0.name == name && $0.isSecret }
    }

    private static func provider(ofFile path: String) async throws -> FileProvider<YAMLSnapshot> {
        // The provider names the keys it found to whoever judges which are secret, and to nobody else.
        let keys = FileKeys()
        let options = YAMLSnapshot.ParsingOptions(
            secretsSpecifier: .dynamic { key, _ in
                keys.insert(key)
                return isSecret(key)
            })
        let place = InMemoryProvider(values: [
            AbsoluteConfigKey(["filePath"]): ConfigValue(.string(path), isSecret: false)
        ])
        let provider: FileProvider<YAMLSnapshot>
        do {
            provider = try await FileProvider(parsingOptions: options, config: ConfigReader(provider: place))
        } catch {
            throw SettingsError("config: \(SettingsError.quoted(path)) \(Self.fault(ofFile: path, error))")
        }
        let names = Setting.all.filter(\.inFile).map(\.name)
        for key in keys.sorted where !names.contains(key) {
            throw SettingsError.unknown(key, in: path, nearest: nearestName(to: key, among: names))
        }
        return provider
    }

    private static func fault(ofFile path: String, _ error: any Error) -> String {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return "does not exist" }
        if isDirectory { return "is a directory; give a YAML file" }
        guard FileManager.default.isReadableFile(atPath: path) else { return "cannot be read; check its permissions" }
        // Its own words would quote the file, and the file may hold a key.
        return "is not valid; give YAML with one 'name: value' on a line, and lists of plain values"
    }
}

/// The keys of a YAML file, gathered while it is parsed.
private final class FileKeys: Sendable {
    private let keys = Mutex<Set<String>>([])
    func insert(_ key: String) { keys.withLock { _ = $0.insert(key) } }
    var sorted: [String] { keys.withLock { $0.sorted() } }
}

/// Replaces a leading `~` by the home directory.
package func expandingTilde(_ path: String, _ environment: [String: String]) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
    return home + path.dropFirst()
}
