import MCPProtocol

/// Streams that clients listen on, and answers that come as streams.
enum StreamChecks {
    static let all = [
        Check(
            "stream.get", "GET is answered with neither a stream nor 405", in: .streams,
            did: "Sent GET with Accept: text/event-stream on an open session.",
            why:
                "Clients open it right after initialize. Claude Code takes 404 for the end of the session, Cursor gives up "
                + "after 400 or 409 (anthropics/claude-code#62198, render-oss/render-mcp-server#26).",
            remedy: "Answer with an event stream, or with 405 and Allow: POST, DELETE.",
            clause: "2025-11-25, basic/transports: listening for messages", breaks: [.claudeCode, .cursor],
            causes: ["session.single", "race.new-session"]
        ) { evidence, _ in
            guard let reply = evidence.streams?.first else { return .notExamined }
            guard let status = reply.status else { return .fine }
            if status == 405 || (status == 200 && reply.isEventStream) { return .fine }
            return .found("HTTP \(status)" + (status == 200 ? " as \(reply.mediaType ?? "no type")" : ""))
        },
        Check(
            "stream.first-byte", "A stream's headers do not come before its first event", in: .streams,
            did: "Opened a stream with GET, and waited.",
            why:
                "Either the server does not flush, or a proxy buffers. Clients wait for a stream that seems not to open, "
                + "and answers that are streamed come late or in one piece.",
            remedy: "Send a comment at once, Cache-Control: no-cache, no-transform and X-Accel-Buffering: no; switch "
                + "buffering off in the proxy.", causes: ["stream.buffered"]
        ) { evidence, _ in
            guard let reply = evidence.streams?.first else { return .notExamined }
            guard reply.status == nil else { return .fine }
            let proxy = evidence.proxy.map { "; other answers come through \($0)" } ?? ""
            if case .broken(let trouble) = reply.end { return .found(trouble.words + proxy) }
            return .found("no headers within \(reply.took.seconds)" + proxy)
        },
        Check(
            "stream.allow", "405 without Allow", in: .streams,
            did: "Sent GET, which the server does not offer.",
            why:
                "Claude Desktop has stayed in \"Checking connection\" for ever after it (anthropics/claude-ai-mcp#499).",
            remedy: "Send Allow: POST with it."
        ) { evidence, _ in
            guard let reply = evidence.streams?.first else { return .notExamined }
            guard reply.status == 405 else { return .fine }
            return reply.header("allow") != nil ? .fine : .found("HTTP 405 and no Allow header")
        },
        Check(
            "stream.without-id", "GET without a session id is answered with 404 or a failure", in: .streams,
            did: "Sent GET without Mcp-Session-Id.",
            why: "Claude Code does that first, and takes 404 for the end of the session "
                + "(anthropics/claude-code#62198, vectorize-io/hindsight#757).",
            remedy: "Answer 405 with Allow, 400, or a stream.", breaks: [.claudeCode], causes: ["stream.get"]
        ) { evidence, _ in
            guard let reply = evidence.streams?.withoutID, let status = reply.status else { return .notExamined }
            return status == 404 || status >= 500 ? .found("HTTP \(status)") : .fine
        },
        Check(
            "stream.second", "A second stream is refused while the first is open", in: .streams,
            did: "Opened a second stream with GET on the same session.",
            why:
                "When a network or a proxy drops the first without a word, the client comes back and is refused; after two "
                + "refusals Cursor gives up (render-oss/render-mcp-server#26, danny-avila/LibreChat#14816).",
            remedy: "Let the new stream replace the old one.", effect: .loses,
            causes: ["stream.get", "stream.first-byte"]
        ) { evidence, _ in
            guard let streams = evidence.streams, let first = streams.first, first.status == 200,
                let status = streams.second?.status
            else { return .notExamined }
            return status == 200 || status == 405 ? .fine : .found("HTTP \(status)")
        },
        Check(
            "stream.beside", "Requests are not answered while a stream is open", in: .streams,
            did: "Sent tools/list while a stream was open.",
            why: "Clients keep a stream open all the time; answers belong to the request that asked, not on it.",
            remedy: "Answer each POST on its own response.",
            clause: "2025-11-25, basic/transports: no responses on the GET stream",
            breaks: ProbedClient.everyone,
            causes: ["tools.unanswered", "tools.refused", "session.single", "time.list"]
        ) { evidence, _ in
            guard let answer = evidence.streams?.beside, evidence.tools?.first?.isAnswered == true else {
                return .notExamined
            }
            if answer.absence != nil { return .found(answer.words) }
            let onStream = evidence.streams?.first?.events.contains { $0.message?["result"] != nil } ?? false
            return onStream ? .found("a response came on the GET stream") : .fine
        },
        Check(
            "stream.ended", "The server ends an idle stream", in: .streams,
            did: "Opened a stream with GET and looked at it for a second.",
            why: "Clients open it again and again (modelcontextprotocol/typescript-sdk#2682, python-sdk#3257).",
            remedy: "Keep it open with a comment every 15 s; or answer 405.", causes: ["stream.get"]
        ) { evidence, _ in
            guard let streams = evidence.streams, let first = streams.first, first.status == 200, first.isEventStream
            else { return .notExamined }
            // A second stream may replace the first.
            guard first.end == .complete || first.isBroken,
                first.ended < (streams.second?.sent ?? first.ended + .seconds(1))
            else { return .fine }
            let time = (first.ended - (first.headAt ?? first.sent)).seconds
            return .found(first.isBroken ? "it broke off after \(time)" : "it ended after \(time)")
        },
        Check(
            "stream.compressed", "Event streams are compressed", in: .streams,
            did: "Opened a stream with Accept-Encoding: gzip, deflate, br.",
            why: "A compressor holds back events until it has enough of them.",
            remedy: "Exclude text/event-stream from compression, or send Cache-Control: no-transform."
        ) { evidence, _ in
            guard let reply = evidence.streams?.first, reply.isEventStream else { return .notExamined }
            return .found(if: reply.header("content-encoding").map { "Content-Encoding: \(Excerpt.of($0))" })
        },
        Check(
            "stream.buffering-hint", "Nothing shows that the proxy lets streams through", in: .streams,
            did: "Opened a stream through the proxy, and looked whether something comes on it.",
            why: "nginx and others hold back what is streamed unless they are told not to.",
            remedy:
                "Send a comment at once when a stream is opened, X-Accel-Buffering: no, and Cache-Control: no-cache, "
                + "no-transform. Whether it is held back, --only stream shows in 65 s.",
            otherwise: .note, causes: ["stream.buffered"]
        ) { evidence, _ in
            guard let reply = evidence.streams?.first, reply.isEventStream else { return .notExamined }
            // nginx obeys the header and takes it away; what has come was not held back.
            guard let proxy = evidence.proxy, reply.firstByteAt == nil,
                reply.header("x-accel-buffering")?.lowercased() != "no"
            else { return .fine }
            return .found("\(proxy) stands before it, and nothing came")
        },
        Check(
            "stream.resume", "A stream with event ids cannot be taken up again", in: .streams,
            did: "Got an answer as a stream with ids, then sent GET with Last-Event-ID.",
            why: "Ids are a promise. A client that lost its connection counts on it, and loses the answer.",
            remedy: "Keep what was sent until the session ends, or send no ids.",
            clause: "2025-11-25, basic/transports: resumability", effect: .loses
        ) { evidence, _ in
            guard let (_, reply) = evidence.streams?.resumed else { return .notExamined }
            guard let status = reply.status else { return .found(reply.silence) }
            return status == 200 ? .fine : .found("HTTP \(status)")
        },
        Check(
            "stream.buffered", "A proxy holds back what is sent on streams", in: .streams,
            did: "Opened a stream, looked at it for a second, and ended the session; with stream.idle for longer.",
            why: "Answers that are streamed, and questions to the user, come when the stream ends: too late.",
            remedy:
                "Send X-Accel-Buffering: no and Cache-Control: no-cache, no-transform; or switch buffering off in the "
                + "proxy (nginx: proxy_buffering off).",
            effect: .loses
        ) { evidence, _ in
            let looks = [evidence.streams?.brief, evidence.idle].compactMap { $0 }.filter { $0.stream.isEventStream }
            guard !looks.isEmpty else { return .notExamined }
            guard let held = looks.first(where: { $0.heldBack > 0 }) else { return .fine }
            let silent = ((held.sessionEnded ?? .zero) - held.stream.sent).seconds
            let proxy = evidence.proxy.map { "; \($0) stands before it" } ?? ""
            return .found(
                "nothing came for \(silent), then \(held.heldBack) pieces at once when the stream ended" + proxy)
        },
        Check(
            "stream.idle", "An idle stream is cut, or has no sign of life", in: .idle,
            did: "Opened a stream and watched it for 65 s, or as long as --watch says.",
            why: "Proxies and networks cut what is silent for 60 s, some without telling the client.",
            remedy: "Send a comment every 15 s; raise the proxy's read timeout.",
            causes: ["stream.get", "stream.buffered"]
        ) { evidence, _ in
            guard let idle = evidence.idle, idle.stream.status == 200, idle.stream.isEventStream else {
                return .notExamined
            }
            let reply = idle.stream
            let open = (idle.sessionEnded ?? reply.ended) - (reply.headAt ?? reply.sent)
            if idle.sessionEnded == nil { return .found("it was cut after \(open.seconds)") }
            // A shorter silence disturbs nobody.
            guard open >= .seconds(60), reply.comments + reply.events.count < 2 else { return .fine }
            return .found("nothing came for \(open.seconds)")
        },
    ]
}

extension Evidence {
    /// What answers show to stand between.
    fileprivate var proxy: String? {
        let replies = [streams?.first, opening?.first.answer.reply].compactMap { $0 }
        for reply in replies {
            if let server = reply.header("server"), server.lowercased().hasPrefix("nginx") {
                return Excerpt.of(server, limit: 40)
            }
            let marks = [("cf-ray", "Cloudflare"), ("x-amz-cf-id", "CloudFront"), ("x-cache", "a cache")]
            if let mark = marks.first(where: { reply.header($0.0) != nil }) { return mark.1 }
            if let via = reply.header("via") { return "a proxy (Via: \(Excerpt.of(via, limit: 40)))" }
        }
        return nil
    }
}
