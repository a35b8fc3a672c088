import HoldfastServer
import MCPEngine
import Testing

struct AccessRuleTests {
    @Test(arguments: [
        "127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
    ])
    func aLoopbackHostWithoutAKeyIsOpen(_ host: String) throws {
        #expect(AccessRule.isLoopback(host))
        #expect(try AccessRule(host: host, hasKeys: false, allowAnonymous: false).decide() == .open(.local))
        #expect(try AccessRule(host: host, hasKeys: false, allowAnonymous: true).decide() == .open(.local))
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "example.com"], [true, false])
    func whereThereIsAKeyItIsRequired(_ host: String, _ allowAnonymous: Bool) throws {
        #expect(try AccessRule(host: host, hasKeys: true, allowAnonymous: allowAnonymous).decide() == .keyRequired)
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0"], [true, false])
    func whereThereIsAnIssuerSomethingIsRequiredEverywhere(_ host: String, _ hasKeys: Bool) throws {
        let rule = AccessRule(host: host, hasKeys: hasKeys, hasIssuer: true, allowAnonymous: true)
        #expect(try rule.decide() == .signInRequired)
    }

    @Test(arguments: [
        "0.0.0.0", "::", "192.168.1.1", "example.com", "localhost.example.com", "127.0.0.1.example.com", "127.1",
        "1270.0.0.1", "::1.example", "", "127.0.0.+1", "::ffff:10.0.0.1",
    ])
    func anyOtherHostWithoutAKeyIsRefusedUnlessTheOperatorSaysSo(_ host: String) throws {
        #expect(!AccessRule.isLoopback(host))
        let error = #expect(throws: SettingsError.self) {
            try AccessRule(host: host, hasKeys: false, allowAnonymous: false).decide()
        }
        #expect(error?.description.contains("--allow-anonymous") == true)
        #expect(try AccessRule(host: host, hasKeys: false, allowAnonymous: true).decide() == .open(.anonymous))
    }
}
