import ArgumentParser
import HoldfastServer
import Testing

/// The table is the one place of declaration: options, fields and documentation must say neither more nor less.
struct SettingTableTests {
    static let names = Setting.all.map(\.name)

    @Test func everyRowHasAnOptionAndEveryOptionARow() throws {
        let help = ServeOptions.helpMessage(includeHidden: true, columns: 10_000)
        var options: Set<String> = []
        for line in help.split(separator: "\n") where line.hasPrefix("  -") {
            let spelled = line.split(whereSeparator: { " /,".contains($0) }).filter { $0.hasPrefix("--") }
            options.formUnion(spelled.map { String($0.dropFirst(2)) })
        }
        options.remove("help")
        let negated = Set(Self.flags.map { "no-" + $0 })
        #expect(options == Set(Self.names).union(negated))
    }

    @Test func everyOptionArrivesUnderItsName() throws {
        var arguments: [String] = []
        var expected: [String: String] = [:]
        for setting in Setting.all {
            let isFlag = Self.flags.contains(setting.name)
            arguments += isFlag ? ["--\(setting.name)"] : ["--\(setting.name)", "value of \(setting.name)"]
            expected[setting.name] = isFlag ? "true" : "value of \(setting.name)"
        }
        #expect(try ServeOptions.parse(arguments).given == expected)
        #expect(try ServeOptions.parse([]).given.isEmpty)
    }

    @Test func everyFlagCanBeTurnedOff() throws {
        let given = try ServeOptions.parse(Self.flags.map { "--no-\($0)" }).given
        #expect(given == Dictionary(uniqueKeysWithValues: Self.flags.map { ($0, "false") }))
    }

    @Test func everyRowHasAFieldAndEveryFieldARow() async throws {
        let settings = try await Settings.load(command: ["x"], environment: ["HOME": "/home/someone"])
        let ofUpstreams = Mirror(reflecting: try #require(settings.upstreams.first).traits).children.map {
            "upstream-" + Self.kebab($0.label ?? "")
        }
        #expect(ofUpstreams == Setting.upstreamDefaults.map(\.name))
        // The list of upstreams is made of the first two, and of the map in the file.
        let fields = Mirror(reflecting: settings).children.compactMap(\.label).map(Self.kebab)
        let expected = fields.filter { $0 != "upstreams" } + ofUpstreams + ["upstream", "upstream-bearer"]
        #expect(Set(expected) == Set(Self.names))
        #expect(expected.count == Self.names.count)
    }

    @Test func namesAndVariablesAreUniqueAndWellFormed() {
        #expect(Set(Self.names).count == Self.names.count)
        for setting in Setting.all {
            #expect(setting.name.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil)
            #expect(setting.variable.wholeMatch(of: /HOLDFAST_[A-Z]+(_[A-Z]+)*/) != nil)
            #expect(!setting.help.contains("\n") && setting.help.hasSuffix("."))
        }
    }

    @Test func theHelpShowsEveryDefaultThatIsNotSecret() {
        let help = ServeOptions.helpMessage(columns: 10_000)
        for setting in Setting.all where !setting.isSecret {
            guard let text = setting.defaultText, !text.isEmpty else { continue }
            #expect(help.contains("(default: \(text))"), "\(setting.name)")
        }
    }

    static let flags = Setting.all.filter { if case .flag = $0.kind { true } else { false } }.map(\.name)

    /// `maxJSONDepth` → `max-json-depth`.
    static func kebab(_ field: String) -> String {
        field.replacing(/([a-z])([A-Z])/) { "\($0.1)-\($0.2)" }.replacing(/([A-Z])([A-Z][a-z])/) { "\($0.1)-\($0.2)" }
            .lowercased()
    }
}
