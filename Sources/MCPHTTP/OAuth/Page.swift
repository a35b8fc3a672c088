import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// A page for a person: no scripts, nothing from elsewhere, light and dark, at any width.
struct Page: Sendable {
    var title: String
    var body: HTML
    var status: HTTPResponse.Status = .ok
    /// Where its forms may lead, besides here. A browser also checks where an answer sends it on to.
    var formTargets: [String] = []

    func response(cookie: String? = nil) -> Response {
        let html: HTML = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            \(body)
            </main>
            </body>
            </html>

            """
        let targets = (["'self'"] + formTargets).joined(separator: " ")
        var response = Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: "no-store",
                .contentSecurityPolicy:
                    "default-src 'none'; style-src '\(Self.styleHash)'; form-action \(targets); base-uri 'none'; "
                    + "frame-ancestors 'none'",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html.text)))
        response.headers[.frameOptions] = "DENY"
        // Not to the client's site; to ours, because a form without an origin is refused.
        response.headers[.referrerPolicy] = "same-origin"
        if let cookie { response.headers[.setCookie] = cookie }
        return response
    }

    private static let styleHash =
        "sha256-" + Data(SHA256.hash(data: Array(style.text.utf8))).base64EncodedString()

    private static let style: HTML = """
        :root { color-scheme: light dark; --ink: #1b2320; --soft: #55625c; --paper: #fff; --edge: #c3ccc7; --field: #fff;
          --deed: #14603f; --on-deed: #fff; --care: #fff4d6; --care-edge: #a06a00; --bad: #a3211b; --ground: #eef2f0 }
        @media (prefers-color-scheme: dark) { :root { --ink: #e7eeea; --soft: #a5b4ac; --paper: #18201d; --edge: #45524c;
          --field: #0f1513; --deed: #6fd3a4; --on-deed: #06231a; --care: #33290f; --care-edge: #d9a441; --bad: #ff9a92;
          --ground: #0d1210 } }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
        main { max-width: 34rem; margin: 0 auto; padding: 1.5rem; background: var(--paper); min-height: 100vh }
        @media (min-width: 40rem) { main { margin: 3rem auto; min-height: 0; border: 1px solid var(--edge);
          border-radius: .75rem; padding: 2rem } }
        h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere }
        h2 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere }
        p, dl, ul { margin: 0 0 1rem } ul { padding-left: 1.25rem }
        dt { color: var(--soft); font-size: .875rem } dd { margin: 0 0 .75rem; overflow-wrap: anywhere }
        .host { font-weight: 600 } .soft { color: var(--soft); font-size: .875rem }
        .care { border-left: .3rem solid var(--care-edge); background: var(--care); padding: .75rem 1rem }
        .bad { color: var(--bad); font-weight: 600 }
        label { display: block; margin: 0 0 .25rem; font-weight: 600 }
        input { width: 100%; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--soft);
          border-radius: .4rem; padding: .6rem .75rem; margin: 0 0 1rem }
        button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .4rem;
          border: 1px solid var(--soft); background: transparent; color: inherit; cursor: pointer }
        button.deed { background: var(--deed); border-color: var(--deed); color: var(--on-deed) }
        .choice { display: flex; flex-wrap: wrap; gap: .75rem } .choice button { flex: 1 1 10rem }
        :focus-visible { outline: .2rem solid var(--deed); outline-offset: .15rem }
        a { color: inherit } section { border-top: 1px solid var(--edge); padding-bottom: 1rem }
        .leave { margin-top: 1rem }
        """
}

extension HTTPField.Name {
    static let frameOptions = HTTPField.Name("X-Frame-Options") ?? .cookie
    static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .cookie
}
