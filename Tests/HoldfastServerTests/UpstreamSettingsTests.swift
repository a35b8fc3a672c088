import Foundation
import HoldfastServer
import Testing

struct UpstreamSettingsTests {
    static let home = ["HOME": "/home/someone"]

    private func settings(
        _ yaml: String, flags: [String: String] = [:], command: [String] = [], _ environment: [String: String] = [:]
    ) async throws -> Settings {
        let file = try TemporaryFile(yaml)
        return try await Settings.load(
            flags: flags.merging(["config": file.path]) { $1 }, command: command,
            environment: Self.home.merging(environment) { $1 })
    }

    private func given(
        flags: [String: String] = [:], command: [String] = [], _ environment: [String: String] = [:]
    ) async throws -> Settings {
        try await Settings.load(flags: flags, command: command, environment: Self.home.merging(environment) { $1 })
    }

    // MARK: One server

    @Test func aCommandOfTheCommandLineIsTheOneUpstream() async throws {
        let settings = try await given(command: ["uvx", "some-server", "--flag", "two words"])
        let upstream = try #require(settings.upstreams.first)
        #expect(settings.upstreams.count == 1 && upstream.name == "server" && upstream.prefix == nil)
        #expect(
            upstream.target
                == .child(UpstreamSettings.Child(command: "uvx", arguments: ["some-server", "--flag", "two words"])))
        #expect(upstream.traits.era == .auto && upstream.traits.lifetime == .perPrincipal)
        #expect(upstream.traits.allow == ["*"] && upstream.traits.deny.isEmpty)
    }

    @Test func aURLIsTheOneUpstreamWithItsToken() async throws {
        let settings = try await given(
            flags: ["upstream": "https://example.com/mcp?tenant=1", "upstream-era": "session"],
            ["HOLDFAST_UPSTREAM_BEARER": "hunter2"])
        let upstream = try #require(settings.upstreams.first)
        #expect(
            upstream.target
                == .remote(UpstreamSettings.Remote(url: "https://example.com/mcp?tenant=1", bearer: Secret("hunter2"))))
        #expect(upstream.traits.era == .session)
        #expect(!String(reflecting: settings).contains("hunter2"))
    }

    @Test func theMemoryToolsAreThereWhenNothingElseIs() async throws {
        let alone = try await given()
        #expect(alone.memory && alone.upstreams.isEmpty)
        #expect(try await !given(command: ["x"]).memory)
        #expect(try await given(flags: ["memory": "true"], command: ["x"]).memory)
        #expect(try await !given(flags: ["memory": "false"]).memory)
    }

    // MARK: Several

    @Test func theFileListsThemInItsOrderWithAllThatTheyNeed() async throws {
        let token = try TemporaryFile("  s3cret\n")
        let settings = try await settings(
            """
            upstream-start-time: 3s
            upstreams:
              zebra:
                command: ~/bin/zebra
                arguments: [--root, "/tmp", 1, true]
                environment: {KEY: value, EMPTY: ""}
                directory: ~/work
                pass-environment: A,B
                lifetime: shared
                list-time: 1m
                retry-delay: 1m
                retry-delay-limit: 1s
              apple:
                url: http://127.0.0.1:9000/mcp
                headers: {X-Tenant: one, Authorization-Extra: two}
                bearer-file: \(token.path)
                era: per-request
                start-time: 4s
                allow: [get_*, list]
                deny: get_all
                prefix: Apples
              off:
                command: nothing
                enabled: no
            """)
        #expect(settings.upstreams.map(\.name) == ["zebra", "apple"])
        #expect(settings.upstreams.map(\.prefix) == ["zebra", "Apples"])
        let (zebra, apple) = (settings.upstreams[0], settings.upstreams[1])
        #expect(
            zebra.target
                == .child(
                    UpstreamSettings.Child(
                        command: "/home/someone/bin/zebra", arguments: ["--root", "/tmp", "1", "true"],
                        environment: ["KEY": Secret("value"), "EMPTY": Secret("")],
                        directory: "/home/someone/work")))
        #expect(zebra.traits.passEnvironment == ["A", "B"] && zebra.traits.lifetime == .shared)
        #expect(zebra.traits.listTime == .seconds(60) && zebra.traits.startTime == .seconds(3))
        #expect(zebra.traits.retryDelay == .seconds(60) && zebra.traits.retryDelayLimit == .seconds(60))
        #expect(
            apple.target
                == .remote(
                    UpstreamSettings.Remote(
                        url: "http://127.0.0.1:9000/mcp",
                        headers: [
                            UpstreamSettings.Header(name: "X-Tenant", value: Secret("one")),
                            UpstreamSettings.Header(name: "Authorization-Extra", value: Secret("two")),
                        ], bearerFile: token.path)))
        #expect(apple.traits.era == .perRequest && apple.traits.startTime == .seconds(4))
        #expect(apple.traits.allow == ["get_*", "list"] && apple.traits.deny == ["get_all"])
        #expect(!settings.memory)
    }

    @Test func aSingleOneKeepsItsNamesUnlessAPrefixIsAskedFor() async throws {
        #expect(try await settings("upstreams: {a: {command: x}}").upstreams.map(\.prefix) == [nil])
        #expect(try await settings("upstreams: {a: {command: x, prefix: p}}").upstreams.map(\.prefix) == ["p"])
        let one = try await settings("upstreams: {a: {command: x}, b: {command: y, enabled: false}}")
        #expect(one.upstreams.map(\.name) == ["a"] && one.upstreams[0].prefix == nil)
    }

    @Test func withNoneListedNoneIsThere() async throws {
        #expect(try await settings("port: 1\nupstreams:\n").upstreams.isEmpty)
        #expect(try await settings("upstreams: {}\nport: 1\n").memory)
    }

    // MARK: Refusals

    private func complaint(_ load: () async throws -> Settings) async -> String {
        do {
            _ = try await load()
            return "no complaint"
        } catch let error as SettingsError {
            #expect(!error.description.contains("\n"))
            return error.description
        } catch {
            return "another error: \(error)"
        }
    }

    @Test(arguments: [
        ("a: {}", "upstreams.a: (from FILE) has no target; give command or url"),
        ("a: {command: x, url: 'http://x'}", "upstreams.a: (from FILE) has command and url; give one"),
        ("a: text", "upstreams.a: (from FILE) is not valid; give a map"),
        ("a: {comand: x}", "upstreams.a.comand: (from FILE) there is no such key; did you mean command?"),
        ("a: {command: x, zebra-crossing: 1}", "upstreams.a.zebra-crossing: (from FILE) there is no such key"),
        ("a: {command: [x]}", "upstreams.a.command: the value (from FILE) is not valid; give one value"),
        ("a: {command: ''}", "upstreams.a.command: \"\" (from FILE) is not valid; it must not be empty"),
        (
            "a: {command: 'npx server'}",
            "upstreams.a.command: \"npx server\" (from FILE) is not valid; give the program"
        ),
        ("a: {command: x, arguments: y}", "upstreams.a.arguments: the value (from FILE) is not valid; give a list"),
        ("a: {command: x, environment: [y]}", "upstreams.a.environment: the value (from FILE) is not valid"),
        ("a: {command: x, headers: {a: b}}", "upstreams.a.headers: (from FILE) means nothing without url"),
        ("a: {url: 'http://x', arguments: [b]}", "upstreams.a.arguments: (from FILE) means nothing without command"),
        ("a: {url: 'ftp://x'}", "upstreams.a.url: \"ftp://x\" (from FILE) is not valid; give an http or https URL"),
        ("a: {url: 'http://u:p@x'}", "upstreams.a.url: "),
        ("a: {url: 'http://x', headers: {Mcp-Session-Id: b}}", "upstreams.a.headers: \"Mcp-Session-Id\" (from FILE)"),
        ("a: {url: 'http://x', headers: {'a b': c}}", "upstreams.a.headers: \"a b\" (from FILE)"),
        ("a: {url: 'http://x', bearer: 'hun ter2'}", "upstreams.a.bearer: the value (from FILE) is not valid"),
        ("a: {url: 'http://x', bearer: x, bearer-file: y}", "upstreams.a.bearer-file: (from FILE) stands beside"),
        ("a: {url: 'http://x', bearer-file: /no/such}", "upstreams.a.bearer-file: \"/no/such\" (from FILE)"),
        ("a: {command: x, era: old}", "upstreams.a.era: \"old\" (from FILE) is not valid; give one of auto, session"),
        ("a: {command: x, start-time: soon}", "upstreams.a.start-time: \"soon\" (from FILE) is not valid; give a"),
        ("a: {command: x, max-message: 0}", "upstreams.a.max-message: \"0\" (from FILE) is not valid; give a size"),
        ("a: {command: x, allow: [a b]}", "upstreams.a.allow: \"a b\" (from FILE) is not valid; give the name"),
        ("a: {command: x, enabled: maybe}", "upstreams.a.enabled: \"maybe\" (from FILE) is not valid; give true"),
        ("a: {command: x, enabled: false, era: old}", "upstreams.a.era: "),
        ("a: {command: x, prefix: a.b}", "upstreams.a.prefix: \"a.b\" (from FILE) is not valid; give 1 to 32"),
        ("A: {command: x}", "upstreams: the name \"A\" (from FILE) is not valid; give 1 to 32 of a-z"),
        ("a: {command: x}\n  a: {command: y}", "config: \"FILE\" has \"a\" twice"),
        ("git: {command: x}\n  git_hub: {command: y}", "upstreams.git_hub.prefix: what it offers could have the names"),
        ("a: {command: x}\n  b: {command: y, prefix: a}", "upstreams.b.prefix: what it offers could have the names of"),
    ])
    func whatIsWrongInTheFileIsNamedByItsPath(_ yaml: String, _ expected: String) async throws {
        let file = try TemporaryFile("upstreams:\n  \(yaml)\n")
        let complaint = await complaint {
            try await Settings.load(flags: ["config": file.path], environment: Self.home)
        }
        #expect(complaint.replacing(file.path, with: "FILE").hasPrefix(expected), "\(complaint)")
        #expect(!complaint.contains("ter2"))
    }

    @Test func theMapMustBeAMap() async throws {
        #expect(await complaint { try await settings("upstreams: [a]") }.contains("give a map of names to servers"))
        #expect(await complaint { try await settings("upstreams: a") }.contains("give a map of names to servers"))
        #expect(await complaint { try await settings("upstream: {a: b}") }.contains("did you mean"))
    }

    @Test func oneWayToNameServersIsEnough() async throws {
        let yaml = "upstreams: {a: {command: x}}"
        #expect(await complaint { try await settings(yaml, command: ["y"]) }.hasPrefix("upstream: give one of"))
        #expect(
            await complaint { try await settings(yaml, flags: ["upstream": "http://x"]) }
                .hasPrefix("upstream: give one of"))
        #expect(
            await complaint { try await given(flags: ["upstream": "http://x"], command: ["y"]) }
                .hasPrefix("upstream: give one of"))
        #expect(await complaint { try await given(flags: ["upstream-bearer": "x"]) }.hasPrefix("upstream-bearer: it"))
    }

    @Test func aCommandBeginsWithItsProgram() async throws {
        #expect(
            await complaint { try await given(command: ["--port", "1"]) }.hasPrefix("command: \"--port\" (after --)"))
        #expect(await complaint { try await given(command: [""]) }.hasPrefix("command: \"\" (after --)"))
        #expect(
            await complaint { try await given(command: ["uvx server"]) }.hasPrefix("command: \"uvx server\" (after --)")
        )
    }

    @Test func memoryNamesTheBuiltInTools() async throws {
        let yaml = "memory: true\nupstreams: {memory: {command: x}}"
        #expect(await complaint { try await settings(yaml) }.hasPrefix("upstreams.memory: memory names the built-in"))
        #expect(try await settings("upstreams: {memory: {command: x}}").upstreams.count == 1)
    }
}
