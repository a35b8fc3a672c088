import FoundationEssentials
import Yams

/// The YAML file: plain values and lists under the names of settings, and the map of upstreams.
struct SettingsFile: Sendable {
    /// A value as it is written, whatever YAML would take it for.
    indirect enum Value: Sendable {
        case text(String)
        case list([Value])
        /// In the order of the file.
        case map([(name: String, value: Value)])

        var text: String? { if case .text(let text) = self { text } else { nil } }
        var list: [Value]? { if case .list(let items) = self { items } else { nil } }
        var map: [(name: String, value: Value)]? { if case .map(let entries) = self { entries } else { nil } }
    }

    static let upstreamsKey = "upstreams"

    let path: String
    let entries: [(name: String, value: Value)]

    /// - Throws: ``SettingsError`` for a file that cannot be read or is no YAML. It never quotes the file, which may hold
    ///   a key.
    init(_ path: String) throws {
        self.path = path
        do {
            guard let root = try Yams.Parser(yaml: try Data(contentsOf: URL(filePath: path))).singleRoot(),
                let entries = try Value(root).map
            else { throw Unreadable() }
            self.entries = entries
        } catch YamlError.duplicatedKeysInMapping(let duplicates, _) {
            let names = duplicates.map(SettingsError.quoted).joined(separator: ", ")
            throw SettingsError("config: \(SettingsError.path(path)) has \(names) twice; give each name once")
        } catch {
            throw SettingsError("config: \(SettingsError.path(path)) \(Self.fault(ofFile: path))")
        }
    }

    /// The settings as a map says them that is none of ours, such as `server.port`.
    var names: [String] {
        entries.filter { $0.name != Self.upstreamsKey }.flatMap { name, value in
            value.map.map { $0.isEmpty ? [name] : $0.map { "\(name).\($0.name)" } } ?? [name]
        }
    }

    private static func fault(ofFile path: String) -> String {
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return "does not exist" }
        if isDirectory { return "is a directory; give a YAML file" }
        guard FileManager.default.isReadableFile(atPath: path) else { return "cannot be read; check its permissions" }
        return "is not valid; give YAML with one 'name: value' on a line, and lists of plain values"
    }
}

private struct Unreadable: Error {}

extension SettingsFile.Value {
    fileprivate init(_ node: Node) throws {
        switch node {
        case .scalar(let scalar): self = .text(scalar.string)
        case .sequence(let sequence): self = .list(try sequence.map(Self.init))
        case .mapping(let mapping):
            self = .map(
                try mapping.map { key, value in
                    guard let name = key.scalar?.string else { throw Unreadable() }
                    return (name, try Self(value))
                })
        case .alias: throw Unreadable()
        }
    }
}
