import Testing

@testable import MCPHTTP

@Suite struct HTMLTests {
    @Test func whateverIsPutInIsEscapedAndMarkupIsNot() {
        let evil = "<script>alert('x')</script> & \"quoted\""
        let inner: HTML = "<b title=\"\(evil)\">\(evil)</b>"
        let escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;"
        #expect(inner.text == "<b title=\"\(escaped)\">\(escaped)</b>")
        let outer: HTML = "<p>\(inner)\([inner, "<i>"])</p>"
        #expect(outer.text == "<p>\(inner.text)\(inner.text)<i></p>")
    }
}
