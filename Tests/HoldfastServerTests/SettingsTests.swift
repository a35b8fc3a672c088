import Foundation
import HoldfastServer
import Logging
import MCPProtocol
import Testing

struct SettingsTests {
    let home = ["HOME": "/home/someone"]

    @Test func withNothingGivenEverySettingHasItsDefault() async throws {
        let settings = try await Settings.load(environment: home)
        #expect(settings.host == "127.0.0.1" && settings.port == 8080 && settings.path == "/mcp")
        #if !os(macOS)
            #expect(settings.dataDir == "/home/someone/.local/share/holdfast")
        #endif
        #expect(settings.memory && settings.sessions && !settings.strict && !settings.allowAnonymous)
        #expect(settings.apiKey == nil && settings.config == nil && settings.publicURL == nil)
        #expect(settings.allowedOrigins.count == 5 && settings.allowedOrigins.contains("https://claude.ai"))
        #expect(settings.allowedHosts.isEmpty)
        #expect(settings.logLevel == .info && settings.logFormat == .auto)
        #expect(settings.maxBody == 4_194_304 && settings.maxHeaderBytes == 65_536)
        #expect(settings.sessionIdleExpiry == .seconds(86_400) && settings.shutdownGrace == .seconds(25))
        #expect(settings.jsonWait == .seconds(1) && settings.idleConnectionTimeout == .seconds(120))
        #expect(settings.listPageSize == 1_000 && settings.toolsCacheTTL == .seconds(60))
        #expect(settings.toolsCacheScope == .public && settings.taskTTL == .seconds(86_400))
    }

    @Test func aFlagWinsOverTheEnvironmentWhichWinsOverTheFile() async throws {
        let file = try TemporaryFile("port: 1\nhost: file.example\npath: /file\n")
        let environment = home.merging(["HOLDFAST_PORT": "2", "HOLDFAST_HOST": "env.example"]) { $1 }
        let settings = try await Settings.load(flags: ["port": "3", "config": file.path], environment: environment)
        #expect(settings.port == 3)
        #expect(settings.host == "env.example")
        #expect(settings.path == "/file")
        #expect(settings.config == file.path)
    }

    @Test func portOfTheHostingPlatformCountsAfterOurOwnVariableAndBeforeTheFile() async throws {
        let file = try TemporaryFile("port: 1\n")
        let both = home.merging(["PORT": "5000", "HOLDFAST_CONFIG": file.path]) { $1 }
        #expect(try await Settings.load(environment: both).port == 5000)
        let own = both.merging(["HOLDFAST_PORT": "6000"]) { $1 }
        #expect(try await Settings.load(environment: own).port == 6000)
    }

    @Test func anEmptyVariableIsAsIfItWereNotSet() async throws {
        let settings = try await Settings.load(environment: home.merging(["HOLDFAST_API_KEY": "", "PORT": ""]) { $1 })
        #expect(settings.apiKey == nil && settings.port == 8080)
    }

    @Test func aListIsWrittenWithCommasOrAsASequence() async throws {
        let environment = home.merging(["HOLDFAST_ALLOWED_HOSTS": "A.example, b.example:81"]) { $1 }
        #expect(try await Settings.load(environment: environment).allowedHosts == ["a.example", "b.example:81"])
        let sequence = try TemporaryFile("allowed-origins:\n  - https://a.example\n  - https://b.example:8443\n")
        let settings = try await Settings.load(flags: ["config": sequence.path], environment: home)
        #expect(settings.allowedOrigins == ["https://a.example", "https://b.example:8443"])
        let commas = try TemporaryFile("allowed-origins: https://a.example,https://c.example\n")
        let other = try await Settings.load(flags: ["config": commas.path], environment: home)
        #expect(other.allowedOrigins == ["https://a.example", "https://c.example"])
    }

    @Test func theFileSpeaksInPlainYAML() async throws {
        let file = try TemporaryFile(
            """
            # comments are fine
            host: 0.0.0.0
            memory: no
            keep-alive: 500ms
            max-body: 64KiB
            log-level: debug
            instructions: |
              Two
              lines
            """)
        let settings = try await Settings.load(flags: ["config": file.path], environment: home)
        #expect(settings.host == "0.0.0.0" && !settings.memory && settings.keepAlive == .milliseconds(500))
        #expect(settings.maxBody == 65_536 && settings.logLevel == .debug)
        #expect(settings.instructions?.hasPrefix("Two\nlines") == true)
    }

    @Test func theDataDirectoryHonoursTheHomeAndTheXDGVariable() async throws {
        #expect(try await Settings.load(flags: ["data-dir": "~/x"], environment: home).dataDir == "/home/someone/x")
        #expect(try await Settings.load(flags: ["data-dir": "/x"], environment: [:]).dataDir == "/x")
        let relative = try await Settings.load(flags: ["data-dir": "x"], environment: [:]).dataDir
        #expect(relative.hasPrefix("/") && relative.hasSuffix("/x"))
        #if !os(macOS)
            let xdg = home.merging(["XDG_DATA_HOME": "/data"]) { $1 }
            #expect(try await Settings.load(environment: xdg).dataDir == "/data/holdfast")
            #expect(try await Settings.load(flags: ["data-dir": "/y"], environment: xdg).dataDir == "/y")
        #endif
    }

    @Test func anIPv6HostMayWearItsBrackets() async throws {
        #expect(try await Settings.load(flags: ["host": "[::1]"], environment: home).host == "::1")
    }

    @Test func aSecretShowsItselfNowhere() async throws {
        let settings = try await Settings.load(environment: home.merging(["HOLDFAST_API_KEY": "hunter2hunter2"]) { $1 })
        #expect(settings.apiKey?.value == "hunter2hunter2")
        var dumped = "\(settings) \(String(reflecting: settings))"
        dump(settings, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }

    @Test(arguments: [
        ("10s", 10_000), ("500ms", 500), ("24h", 86_400_000), ("15m", 900_000), ("2d", 172_800_000), ("7", 7_000),
        ("1.5s", 1_500),
    ])
    func aDurationIsANumberAndItsUnit(_ text: String, _ milliseconds: Int) {
        #expect(Duration(written: text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "-1s", "1 s", "1e3", "inf", "nan", ".5s", "1.s", "1w", "0x10", "99999999999999999999d"])
    func whatIsNoDurationIsRefused(_ text: String) {
        #expect(Duration(written: text) == nil)
    }

    @Test(arguments: [("4MiB", 4_194_304), ("64KiB", 65_536), ("1GiB", 1_073_741_824), ("12", 12), ("12B", 12)])
    func aSizeIsANumberAndItsUnit(_ text: String, _ bytes: Int) {
        #expect(Int(writtenAsSize: text) == bytes)
    }

    @Test(arguments: ["", "KiB", "-1", "4MB", "4 MiB", "1.5B", "1e3", "99999999999GiB"])
    func whatIsNoSizeIsRefused(_ text: String) {
        #expect(Int(writtenAsSize: text) == nil)
    }

    @Test func durationsAndSizesAreWrittenInTheirLargestWholeUnit() {
        #expect(Duration.milliseconds(1_500).written == "1500ms" && Duration.seconds(60).written == "1m")
        #expect(Duration.zero.written == "0s" && Duration.seconds(86_400).written == "1d")
        #expect(65_536.writtenAsSize == "64KiB" && 1_000.writtenAsSize == "1000B" && 0.writtenAsSize == "0B")
    }
}
