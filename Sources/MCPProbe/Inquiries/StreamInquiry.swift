import MCPProtocol

/// Streams that the client listens on.
enum StreamInquiry {
    static func run(_ caller: Caller, _ evidence: inout Evidence) async {
        guard let opened = await caller.converse() else { return }
        var found = StreamEvidence()
        var compressing = opened
        compressing.more = [("Accept-Encoding", "gzip, deflate, br")]
        async let first = caller.listen(compressing, for: .milliseconds(1200))
        async let brief =
            opened.session == nil ? nil : IdleInquiry.look(caller, for: .seconds(1), and: .milliseconds(400))
        await caller.client.pause(.milliseconds(500))
        async let second = caller.listen(opened, for: .milliseconds(300))
        async let beside = caller.ask("tools/list", nil, opened)
        (found.first, found.second, found.beside) = (await first, await second, await beside)
        found.brief = await brief
        if opened.session != nil {
            var silent = opened
            silent.session = nil
            found.withoutID = await caller.listen(silent, for: .milliseconds(200))
        }
        found.resumed = await resume(caller, opened)
        evidence.note(found.beside, "tools/list")
        evidence.streams = found
    }

    /// Where an answer comes as a stream with ids, the stream is taken up again after its first event.
    private static func resume(_ caller: Caller, _ conversation: Caller.Manner) async -> (from: String, HTTPReply)? {
        var manner = conversation
        var answer = await caller.ask("tools/list", nil, manner)
        if !answer.reply.isEventStream {
            manner.accept = "text/event-stream"
            answer = await caller.ask("tools/list", nil, manner)
        }
        guard answer.result != nil, let id = answer.reply.firstEventID else { return nil }
        return (id, await caller.listen(conversation, after: id, for: .milliseconds(700)))
    }
}

extension HTTPReply {
    /// The id of its first event.
    var firstEventID: String? {
        guard isEventStream else { return nil }
        var parser = SSEParser(limit: body.count)
        for byte in body {
            _ = parser.add(CollectionOfOne(byte)) { _ in }
            if let id = parser.lastEventID { return id }
        }
        return nil
    }
}
