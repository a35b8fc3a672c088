import MCPProtocol
import Testing

@Suite struct URITemplateTests {
    @Test(
        arguments: [
            ("test://static", "test://static", [:]),
            ("test://template/{id}/data", "test://template/123/data", ["id": "123"]),
            ("test://template/{id}/data", "test://template/a%20b%2Fc/data", ["id": "a b/c"]),
            ("test://template/{id}/data", "test://template//data", nil),
            ("test://template/{id}/data", "test://template/1/2/data", nil),
            ("test://template/{id}/data", "test://template/1/data/x", nil),
            ("test://template/{id}/data", "test://template/1", nil),
            ("test://template/{id}/data", "TEST://template/1/data", nil),
            ("file:///{+path}", "file:///a/b/c.txt", ["path": "a/b/c.txt"]),
            ("file:///{path}", "file:///a/b", nil),
            ("x:{+dir}/{file}", "x:a/b/c", ["dir": "a/b", "file": "c"]),
            ("x:{a}-{b}", "x:1-2-3", ["a": "1-2", "b": "3"]),
            ("x:{name}.{ext}", "x:a.tar.gz", ["name": "a.tar", "ext": "gz"]),
            ("x:{a}?q={b}", "x:1?q=2", ["a": "1", "b": "2"]),
            ("{scheme}://x", "ab://x", ["scheme": "ab"]),
            ("x:{a}", "x:caf%C3%A9", ["a": "café"]),
            ("x:{a}", "x:%FF", nil),
            ("x:{a}", "x:%4", nil),
            ("x:{a}", "x:%zz", nil),
            ("", "", [:]),
            ("", "x", nil),
        ] as [(String, String, [String: String]?)])
    func aURIIsMatchedOrNot(template: String, uri: String, values: [String: String]?) throws {
        #expect(try URITemplate(template).match(uri) == values)
    }

    @Test(arguments: [
        ("x:{a", "without }"), ("x:a}", "without {"), ("x:{}", "{name}"), ("x:{/a}", "{/a}"), ("x:{?q}", "{?q}"),
        ("x:{a,b}", "{a,b}"), ("x:{a*}", "{a*}"), ("x:{a:3}", "{a:3}"), ("x:{a}{b}", "{b}"), ("x:{a}/{a}", "twice"),
        ("x:{+}", "{+}"),
    ])
    func aTemplateThatCannotBeMatchedIsRefused(template: String, cause: String) {
        let fault = #expect(throws: URITemplate.Fault.self) { try URITemplate(template) }
        #expect(fault?.template == template)
        #expect(fault?.cause.contains(cause) == true)
    }

    @Test func variablesKeepTheirOrder() throws {
        let template = try URITemplate("x:{b}/{+a}")
        #expect(template.variables == ["b", "a"])
        #expect(template.text == "x:{b}/{+a}")
    }

    /// With backtracking this would take until the end of the world.
    @Test func manyVariablesDoNotMultiply() throws {
        let template = try URITemplate("x:" + (0..<12).map { "{+v\($0)}a" }.joined() + "b")
        #expect(template.match("x:" + String(repeating: "a", count: 4_000)) == nil)
        #expect(template.match("x:" + String(repeating: "a", count: 4_000) + "b")?.count == 12)
    }

    @Test func aVeryLongURIMatchesNothing() throws {
        let template = try URITemplate("x:{a}")
        #expect(template.match("x:" + String(repeating: "a", count: 8_190)) != nil)
        #expect(template.match("x:" + String(repeating: "a", count: 8_191)) == nil)
    }
}
