import Foundation
import HoldfastServer
import Testing

/// Whatever is wrong is said in one line that names the setting, its source and the remedy.
struct SettingsErrorTests {
    let home = ["HOME": "/home/someone"]

    private func complaint(flags: [String: String] = [:], _ environment: [String: String] = [:]) async -> String {
        do {
            _ = try await Settings.load(flags: flags, environment: home.merging(environment) { $1 })
            return "no complaint"
        } catch let error as SettingsError {
            #expect(!error.description.contains("\n"))
            return error.description
        } catch {
            return "another error: \(type(of: error))"
        }
    }

    private func complaint(ofFile text: String) async throws -> String {
        let file = try TemporaryFile(text)
        return await complaint(flags: ["config": file.path]).replacing(file.path, with: "FILE")
    }

    @Test(arguments: [
        ("port", "http", "port: \"http\" (from --port) is not valid; give a whole number from 0 to 65535"),
        ("port", "65536", "port: \"65536\" (from --port) is not valid; give a whole number from 0 to 65535"),
        ("path", "mcp", "path: \"mcp\" (from --path) is not valid; give a path that begins with / and does not end"),
        ("path", "/metrics", "path: \"/metrics\" (from --path) is not valid; /metrics is taken"),
        ("host", "http://x", "host: \"http://x\" (from --host) is not valid; give an address or a host name"),
        ("log-level", "loud", "log-level: \"loud\" (from --log-level) is not valid; give one of trace, debug, info"),
        (
            "drain-grace", "10 s",
            "drain-grace: \"10 s\" (from --drain-grace) is not valid; give a duration from 0s to 1d"
        ),
        ("max-body", "0", "max-body: \"0\" (from --max-body) is not valid; give a size from 1KiB to 1GiB"),
        (
            "allowed-origins", "https://a,nope",
            "allowed-origins: \"nope\" (from --allowed-origins) is not valid; give an"
        ),
        (
            "public-url", "ftp://x",
            "public-url: \"ftp://x\" (from --public-url) is not valid; give an http or https URL"
        ),
        ("server-name", "a\nb", "server-name: \"a\u{fffd}b\" (from --server-name) is not valid; give 1 to 128"),
    ])
    func aBadValueIsNamedWithItsSource(_ name: String, _ value: String, _ expected: String) async {
        #expect(await complaint(flags: [name: value]).hasPrefix(expected))
    }

    @Test func twoTransportsDoNotTakeMessagesOnOnePath() async throws {
        for taken in ["/mcp", "/sse"] {
            let flags = ["legacy-sse": "true", "legacy-messages-path": taken]
            #expect(await complaint(flags: flags).hasPrefix("legacy-messages-path: \(taken) is taken"))
        }
        // Nobody minds while the transport is off.
        #expect(try await Settings.load(flags: ["legacy-messages-path": "/mcp"], environment: ["HOME": "/h"]).port > 0)
    }

    @Test func theSourceIsTheOneThatWasUsed() async throws {
        #expect(await complaint(["HOLDFAST_PORT": "x", "PORT": "1"]).contains("(from HOLDFAST_PORT)"))
        #expect(await complaint(["PORT": "x"]).contains("(from PORT)"))
        #expect(try await complaint(ofFile: "port: x\n").contains("port: \"x\" (from FILE) is not valid"))
    }

    @Test func anUnknownNameGetsTheNearestOne() async throws {
        #expect(await complaint(["HOLDFAST_PROT": "1"]).contains("\"HOLDFAST_PROT\"; did you mean HOLDFAST_PORT?"))
        #expect(try await complaint(ofFile: "prot: 1\n") == "FILE: there is no setting \"prot\"; did you mean port?")
        #expect(try await complaint(ofFile: "data_dir: x\n").contains("did you mean data-dir?"))
        #expect(try await complaint(ofFile: "zebra-crossing: x\n").contains("see 'holdfast serve --help'"))
        #expect(try await complaint(ofFile: "server:\n  port: 1\n").contains("there is no setting \"server.port\""))
        #expect(try await complaint(ofFile: "config: other.yaml\n").contains("there is no setting \"config\""))
    }

    @Test func aFileThatCannotBeUsedIsNamed() async throws {
        #expect(await complaint(["HOLDFAST_CONFIG": "/no/such.yaml"]) == "config: \"/no/such.yaml\" does not exist")
        let deep = "/no" + String(repeating: "/folder", count: 30) + "/such.yaml"
        #expect(await complaint(["HOLDFAST_CONFIG": deep]) == "config: \"\(deep)\" does not exist")
        #expect(await complaint(flags: ["config": "/"]).contains("is a directory"))
        #expect(try await complaint(ofFile: "port: [1\n").contains("config: \"FILE\" is not valid"))
        #expect(try await complaint(ofFile: "- a\n- b\n").contains("config: \"FILE\" is not valid"))
        #expect(try await complaint(ofFile: "port: [1, 2]\n").contains("port: the value (from FILE) is a list"))
    }

    @Test func anErrorNeverQuotesASecret() async throws {
        #expect(
            await complaint(["HOLDFAST_API_KEY": "hun ter2"]).hasPrefix("api-key: the value (from HOLDFAST_API_KEY)"))
        #expect(!(await complaint(["HOLDFAST_API_KEY": "hun ter2"]).contains("ter2")))
        #expect(!(try await complaint(ofFile: "api-key: 'hunter2\n  port: [\n").contains("hunter2")))
    }

    @Test func aHomeThatIsNotSetIsSaidToBeMissing() async {
        let error = await #expect(throws: SettingsError.self) { try await Settings.load(environment: [:]) }
        #expect(error?.description.contains("HOME") == true)
    }
}
