import MCPProtocol
import Testing

@Suite struct HeaderValueTests {
    @Test(
        arguments: [
            ("us-west1", "us-west1"), ("", ""), ("  padded\t", "padded"), ("a b", "a b"), ("a\tb", "a\tb"),
            ("=?base64?SGVsbG8=?=", "Hello"), ("=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"),
            ("=?base64?IHBhZGRlZCA=?=", " padded "), ("=?base64?bGluZTEKbGluZTI=?=", "line1\nline2"),
            ("=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="), ("=?base64??=", ""),
            ("=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="), ("=?Base64?SGVsbG8=?=", "=?Base64?SGVsbG8=?="),
            ("=?base64?SGVsbG8=", "=?base64?SGVsbG8="), ("SGVsbG8=?=", "SGVsbG8=?="), ("SGVsbG8=", "SGVsbG8="),
            ("=?base64?", "=?base64?"), ("=?base64?=", "=?base64?="), (" =?base64?SGVsbG8=?= ", "Hello"),
            ("=?base64?/+8=?=", nil), ("=?base64?4pyT?=", "✓"),
        ] as [(String, String?)])
    func aValueIsReadAsItWasMeant(line: String, text: String?) {
        #expect(HeaderValue.decode(line) == text)
    }

    @Test(arguments: [
        "=?base64?SGVsbG8?=", "=?base64?SGVsbG8==?=", "=?base64?SGVs!!!bG8=?=", "=?base64?SGVs bG8=?=",
        "=?base64?====?=", "=?base64?=?=", "=?base64?A===?=", "=?base64?SGVsbG9=?=", "=?base64?SGV_bG8-?=",
        "=?base64?SG=sbG8=?=", "=?base64?gICA?=", "caf\u{E9}", "a\u{0}b", "a\u{7F}", "a\nb",
    ])
    func badBase64BadUTF8AndCharactersThatAHeaderMayNotHaveAreRefused(line: String) {
        #expect(HeaderValue.decode(line) == nil)
    }
}
