import MCPAuthorization
import MCPTesting
import Testing

@Suite struct IPAddressTests {
    @Test(
        .requirement("S-50"),
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
            "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255",
            "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1",
            "100::1",
            "2001::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "fc00::1", "fd12:3456::1",
            "fe80::1", "fec0::1", "ff02::1", "5f00::1",
        ])
    func whatIsNotPublicIsKnown(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic == false)
    }

    @Test(
        .requirement("S-50"),
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "192.167.255.255",
            "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
        ])
    func whatIsPublicIsLetThrough(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "", "localhost", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3.4.5", "1.2.3.256", "::1%lo",
    ])
    func onlyWholeAddressesAreRead(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func loopbackIsKnown() throws {
        for text in ["127.0.0.1", "127.9.9.9", "::1"] { #expect(try #require(IPAddress(text)).isLoopback) }
        for text in ["126.0.0.1", "::2", "::ffff:127.0.0.1"] { #expect(try !#require(IPAddress(text)).isLoopback) }
    }
}
