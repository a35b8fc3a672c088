import Foundation
import HoldfastServer
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The program as a person or a supervisor meets it: words, streams and statuses.
struct ProgramTests {
    private func expectOneLine(_ program: Program, status: Int32, _ words: String...) {
        #expect(program.status == status)
        #expect(program.output.isEmpty)
        #expect(program.errors.hasPrefix("holdfast: ") && program.errors.hasSuffix("\n"))
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        for word in words { #expect(program.errors.contains(word), "\(program.errors)") }
    }

    @Test func aWrongCommandLineEndsWith64() async throws {
        expectOneLine(try await Program.run("serve", "--prot", "1"), status: 64, "--prot", "--port")
        expectOneLine(try await Program.run("serve", "--port"), status: 64, "--port")
        expectOneLine(try await Program.run("serve", "more"), status: 64, "more")
        expectOneLine(try await Program.run("serve", "--"), status: 64, "nothing follows --")
        expectOneLine(try await Program.run("serve", "--", "--port", "1"), status: 64, "--port", "a program first")
        expectOneLine(try await Program.run("serve", "--upstream", "x", "--", "y"), status: 64, "upstream")
        expectOneLine(try await Program.run("swim"), status: 64, "swim")
        expectOneLine(try await Program.run("keys", "create"), status: 64, "name")
    }

    @Test func aWrongSettingEndsWith64WhereverItStands() async throws {
        let file = try TemporaryFile("prot: 1\n")
        expectOneLine(try await Program.run("serve", "--port", "http"), status: 64, "port", "--port", "0 to 65535")
        expectOneLine(try await Program.run("serve", environment: ["PORT": "http"]), status: 64, "port", "PORT")
        expectOneLine(try await Program.run("serve", environment: ["HOLDFAST_PROT": "1"]), status: 64, "HOLDFAST_PORT")
        expectOneLine(
            try await Program.run("serve", "--config", file.path), status: 64, file.path, "did you mean port?")
        expectOneLine(
            try await Program.run("serve", "--config", "/no/such/file"), status: 64, "config", "does not exist")
    }

    @Test func anAddressOfOtherMachinesWithoutAKeyIsRefused() async throws {
        let data = try TemporaryDirectory()
        let program = try await Program.run("serve", "--host", "0.0.0.0", "--port", "0", "--data-dir", data.path)
        expectOneLine(program, status: 64, "host", "keys create", "HOLDFAST_API_KEY", "--allow-anonymous")
    }

    @Test func aDataDirectoryThatCannotBeWrittenEndsWith1() async throws {
        let file = try TemporaryFile("in the way")
        expectOneLine(
            try await Program.run("serve", "--port", "0", "--data-dir", file.path), status: 1, "data-dir", file.path)
        expectOneLine(
            try await Program.run("keys", "list", "--data-dir", "/proc/holdfast"), status: 1, "data-dir",
            "/proc/holdfast")
    }

    @Test func aServerSaysWhereItListensAndAPortInUseEndsTheNextWith1() async throws {
        let data = try TemporaryDirectory()
        let (server, output, errors) = try Program.start(
            "holdfast", ["serve", "--port", "0", "--data-dir", data.path], [:])
        defer { server.terminate() }
        let banner = try await Program.onItsOwnThread {
            var banner = ""
            while !banner.contains("Add it"), case let more = output.fileHandleForReading.availableData, !more.isEmpty {
                banner += String(decoding: more, as: UTF8.self)
            }
            return banner
        }
        let port = try #require(banner.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/mcp/)?.1)
        #expect(banner.contains(data.path) && banner.contains("no key is needed"))

        let (metrics, _) = try await URLSession.shared.data(
            from: try #require(URL(string: "http://127.0.0.1:\(port)/metrics")))
        let lines = String(decoding: metrics, as: UTF8.self).split(separator: "\n")
        let families = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(families.contains("holdfast_sessions"))
        for family in families { #expect(lines.contains { $0.hasPrefix("# HELP \(family) ") }, "\(family)") }

        let second = try await Program.run("serve", "--port", String(port), "--data-dir", data.path)
        expectOneLine(second, status: 1, "port", String(port), "in use")

        server.terminate()
        let log = try await Program.onItsOwnThread {
            let log = try Program.text(errors)
            server.waitUntilExit()
            return log
        }
        #expect(server.terminationStatus == 0 && server.terminationReason == .exit)
        // Standard error is no terminal here: every line is an object.
        for line in log.split(separator: "\n") {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["level"] is String && object["time"] is String && object["message"] is String)
        }
    }

    @Test func keysAreMadeListedAndRevoked() async throws {
        let data = try TemporaryDirectory()
        let made = try await Program.run("keys", "create", "laptop", "--data-dir", data.path)
        #expect(made.status == 0)
        let key = made.output.trimmingCharacters(in: .newlines)
        #expect(made.output == key + "\n" && key.count >= 40 && !key.contains(" "))
        #expect(made.errors.contains("laptop") && made.errors.contains("Authorization: Bearer"))
        #expect(!made.errors.contains(key))

        expectOneLine(
            try await Program.run("keys", "create", "laptop", "--data-dir", data.path), status: 1, "\"laptop\" already")
        expectOneLine(
            try await Program.run("keys", "create", "a b", "--data-dir", data.path), status: 64, "\"a b\"", "1 to 64")
        let list = try await Program.run("keys", "list", "--data-dir", data.path)
        let rows = list.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(rows.count == 2 && rows[0] == ["NAME", "ID", "CREATED", "STATE"])
        #expect(rows[1].first == "laptop" && rows[1].last == "active")
        #expect(!list.output.contains(key) && key.contains(rows[1][1]))

        #expect(try await Program.run("keys", "revoke", "laptop", "--data-dir", data.path).status == 0)
        expectOneLine(
            try await Program.run("keys", "revoke", "laptop", "--data-dir", data.path), status: 1, "no key \"laptop\"")
        #expect(try await Program.run("keys", "list", "--data-dir", data.path).output.contains("revoked 2"))
        // The name is free again.
        #expect(try await Program.run("keys", "create", "laptop", "--data-dir", data.path).status == 0)
    }

    @Test func helpAndVersionGoToStandardOutput() async throws {
        let version = try await Program.run("--version")
        #expect(version.status == 0 && version.output == HoldfastVersion.current + "\n" && version.errors.isEmpty)
        let help = try await Program.run("serve", "--help", environment: ["HOLDFAST_API_KEY": "hunter2hunter2"])
        #expect(help.status == 0 && help.errors.isEmpty && help.output.contains("--api-key"))
        #expect(!help.output.contains("hunter2"))
        #expect(try await Program.run().output.contains("SUBCOMMANDS"))
    }

    @Test func theReferenceOfSettingsIsTheOneThatIsWrittenDown() async throws {
        let written = try String(
            contentsOf: URL(filePath: #filePath).appending(path: "../../../Docs/Settings.md").standardized,
            encoding: .utf8)
        let printed = try await Program.run("settings").output
        #expect(printed == written, "run: make docs")
        for setting in Setting.all { #expect(written.contains("| `\(setting.name)` |")) }
    }
}
