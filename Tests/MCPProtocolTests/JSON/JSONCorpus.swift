import MCPProtocol

/// Texts that must be accepted, and texts that must be refused, with the reason.
enum JSONCorpus {
    struct Refused: Sendable, CustomStringConvertible {
        var bytes: [UInt8]
        var reason: JSONError.Reason
        /// Where it is worth checking.
        var offset: Int?

        init(_ bytes: [UInt8], _ reason: JSONError.Reason, at offset: Int? = nil) {
            self.bytes = bytes
            self.reason = reason
            self.offset = offset
        }

        init(_ text: String, _ reason: JSONError.Reason, at offset: Int? = nil) {
            self.init(Array(text.utf8), reason, at: offset)
        }

        var description: String { String(decoding: bytes.prefix(40), as: UTF8.self) }
    }

    static let accepted: [String] = [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-0.0", "0.10", "1e5", "1E+5", "1e-5", "0e0",
        "123456789012345678901234567890", "1.7976931348623157e308", "1e400", "-1e-400", "\"\"", "\"a\"",
        "\"seven b\"", "\"eight by\"", "\"nine byte\"", "\"sixteen bytes 16\"",
        #""\"\\\/\b\f\n\r\t""#, #""\u0041\u00e9\uD83D\uDE00""#, #""\u0000\u001f""#, "\"\u{7F}\"",
        "\"é ß 漢字 😀 \u{2028} \u{FFFF} \u{10FFFF}\"", "\"aaaaaaa漢字bbbbbbbbb漢\"", "[]", "[ ]", "{}", "{ }", "[[]]",
        "[{}]",
        "[1,2,3]", "[ 1 , 2 ,\t3\r\n]", #"{"a":1}"#, #"{"":0}"#, #"{"a":{"a":{"a":[]}}}"#, #"{"a":1,"b":2,"A":3}"#,
        " \t\r\n1 \t\r\n", "[null,true,false,\"\",0,[],{}]", #"{"é":1,"e\u0301":2}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}"#,
        #"{"\"":1,"\\":2,"/":3}"#, "[1e1,1.0e-2,-3.25E+7]",
    ]

    static let refused: [Refused] = [
        Refused("", .empty, at: 0), Refused(" \n\t", .empty, at: 3), Refused([0xEF, 0xBB, 0xBF, 0x31], .syntax, at: 0),
        Refused("nul", .syntax), Refused("nulL", .syntax, at: 3), Refused("True", .syntax), Refused("tru", .syntax),
        Refused("undefined", .syntax), Refused("NaN", .syntax), Refused("Infinity", .syntax),
        Refused("-Infinity", .syntax), Refused("nullx", .trailing), Refused("truefalse", .trailing),
        Refused("01", .trailing, at: 1), Refused("-", .syntax), Refused("-01", .trailing), Refused("+1", .syntax),
        Refused(".5", .syntax), Refused("1.", .syntax), Refused("1.e5", .syntax), Refused("1e", .syntax),
        Refused("1e+", .syntax), Refused("1E-", .syntax), Refused("0x10", .trailing), Refused("1_000", .trailing),
        Refused("--1", .syntax), Refused("1.5.5", .trailing), Refused("1e5e5", .trailing), Refused("-a", .syntax),
        Refused("\"", .syntax), Refused("\"a", .syntax), Refused("'a'", .syntax), Refused("\"\\", .syntax),
        Refused("\"\\\"", .syntax), Refused(#""\x41""#, .syntax), Refused(#""\'""#, .syntax),
        Refused(#""\u12""#, .syntax), Refused(#""\u12G4""#, .syntax), Refused(#""\U0041""#, .syntax),
        Refused("\"a\nb\"", .syntax, at: 2), Refused("\"a\tb\"", .syntax), Refused("\"\u{0}\"", .syntax),
        Refused("\"12345678901234\u{1F}\"", .syntax, at: 15), Refused("\"a\" \"b\"", .trailing),
        Refused(#""\ud800""#, .encoding, at: 1), Refused(#""\udc00""#, .encoding),
        Refused(#""\ud800\u0041""#, .encoding),
        Refused(#""\ud800\ud800""#, .encoding), Refused(#""\ud800x\udc00""#, .encoding),
        Refused(#""\uDBFF\n""#, .encoding),
        Refused([0x22, 0x80, 0x22], .encoding, at: 1), Refused([0x22, 0xC0, 0xAF, 0x22], .encoding),
        Refused([0x22, 0xC1, 0xBF, 0x22], .encoding), Refused([0x22, 0xE0, 0x80, 0x80, 0x22], .encoding),
        Refused([0x22, 0xE0, 0x9F, 0xBF, 0x22], .encoding), Refused([0x22, 0xED, 0xA0, 0x80, 0x22], .encoding),
        Refused([0x22, 0xED, 0xBF, 0xBF, 0x22], .encoding), Refused([0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], .encoding),
        Refused([0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], .encoding),
        Refused([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .encoding),
        Refused([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], .encoding),
        Refused([0x22, 0xFF, 0x22], .encoding), Refused([0x22, 0xC3, 0x22], .encoding),
        Refused([0x22, 0xE6, 0xBC, 0x22], .encoding), Refused([0x22, 0xF0, 0x9F, 0x98, 0x22], .encoding),
        Refused([0x22, 0xC3], .encoding), Refused([0x22, 0xE6, 0xBC], .encoding), Refused([0xC3, 0xA9], .syntax),
        Refused([0x31, 0xC2, 0xA0], .trailing), Refused([0xFF, 0xFE, 0x31, 0x00], .syntax),
        Refused("[", .syntax), Refused("]", .syntax), Refused("[1", .syntax), Refused("[1,", .syntax),
        Refused("[1,]", .syntax, at: 3), Refused("[,1]", .syntax), Refused("[,]", .syntax), Refused("[1 2]", .syntax),
        Refused("[1}", .syntax), Refused("[1]]", .trailing), Refused("[]{}", .trailing), Refused("[1,,2]", .syntax),
        Refused("{", .syntax), Refused("}", .syntax), Refused("{]", .syntax), Refused(#"{"a"}"#, .syntax),
        Refused(#"{"a":}"#, .syntax), Refused(#"{"a":1,}"#, .syntax), Refused(#"{,"a":1}"#, .syntax),
        Refused("{a:1}", .syntax), Refused("{1:1}", .syntax), Refused(#"{"a":1"#, .syntax),
        Refused(#"{"a":1]"#, .syntax),
        Refused(#"{"a":1 "b":2}"#, .syntax), Refused(#"{"a"::1}"#, .syntax), Refused(#"{"a":1;"b":2}"#, .syntax),
        Refused(#"{"a" 1}"#, .syntax), Refused(#"{"a":1}}"#, .trailing), Refused(#"{null:1}"#, .syntax),
        Refused("// no\n1", .syntax), Refused("1 // no", .trailing), Refused("/* no */ 1", .syntax),
        Refused("1,2", .trailing), Refused("1\u{0B}", .trailing), Refused("\u{0C}1", .syntax),
        Refused(#"{"a":1,"a":1}"#, .duplicateName("a"), at: 7), Refused(#"{"":1,"":1}"#, .duplicateName("")),
        Refused(#"{"a":1,"b":2,"\u0061":3}"#, .duplicateName("a")),
        Refused(#"{"\u0061":1,"a":2}"#, .duplicateName("a")),
        Refused(#"{"\u00e9":1,"é":2}"#, .duplicateName("é")), Refused(#"{"\/":1,"/":2}"#, .duplicateName("/")),
        Refused(#"{"😀":1,"\uD83D\uDE00":2}"#, .duplicateName("😀")),
        Refused(#"[{"x":{"k":1,"k":2}}]"#, .duplicateName("k")),
    ]
}
