import AsyncHTTPClient
import NIOHTTP1

/// A person's browser: it keeps cookies, and the person fills in forms.
struct Browser {
    private let visitor: Visitor
    private let origin: String
    private var cookies: [String: String] = [:]

    init(_ visitor: Visitor) {
        self.visitor = visitor.with(agent: "Mozilla/5.0")
        origin = visitor.options.origin
    }

    mutating func get(_ url: String) async throws -> Step {
        try await go(HTTPClientRequest(url: url.hasPrefix("/") ? origin + url : url))
    }

    /// After a moment's thought, in which the server may be another already; and again where the page says when, because
    /// too many passwords wait to be checked.
    mutating func submit(_ form: Form, _ more: [(String, String)]) async throws -> Step {
        var page = try await submit(form, more, after: .random(in: 100..<400))
        for _ in 0..<10 {
            guard page.status == 429, let seconds = page.headers.first(name: "Retry-After").flatMap({ Int($0) }) else {
                break
            }
            page = try await submit(form, more, after: seconds * 1000 + .random(in: 0..<500))
        }
        return page
    }

    private mutating func submit(
        _ form: Form, _ more: [(String, String)], after milliseconds: Int
    ) async throws -> Step {
        await visitor.rest(milliseconds)
        var request = HTTPClientRequest.form(origin + form.action, form.hidden + more)
        request.headers.add(name: "Origin", value: origin)
        return try await go(request)
    }

    private mutating func go(_ request: HTTPClientRequest) async throws -> Step {
        var request = request
        request.headers.add(name: "Accept", value: "text/html")
        if !cookies.isEmpty {
            let line = cookies.map { "\($0)=\($1)" }.joined(separator: "; ")
            request.headers.add(name: "Cookie", value: line)
        }
        let page = try await visitor.step(request)
        for line in page.headers["Set-Cookie"] {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            cookies[pair[0]] = line.contains("Max-Age=0") || pair.count < 2 ? nil : pair[1]
        }
        return page
    }
}

/// A form of a page, and what it brings along.
struct Form {
    let action: String
    let hidden: [(String, String)]

    /// The one that goes to `action`; nil when there is none.
    init?(in page: String, to action: String) {
        let forms = page.split(separator: "<form").dropFirst().compactMap { $0.split(separator: "</form>").first }
        guard let form = forms.first(where: { $0.contains("action=\"\(action)\"") }) else { return nil }
        self.action = action
        hidden = form.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)">/).map { match in
            (String(match.1), Self.unescape(match.2))
        }
    }

    private static func unescape(_ text: Substring) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
    }
}
