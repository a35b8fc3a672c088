"""The table of faulty servers: what is wrong with each, and what the probe must find. `faults.py NAME` runs one."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from upstreams import faulty as f  # noqa: E402
from upstreams import faulty_sessions as s  # noqa: E402
from upstreams import protected as p  # noqa: E402
from upstreams.healthy import ECHO, NOW, Healthy, Listener, Reply, as_json, error, event, stream  # noqa: E402


@dataclass(frozen=True)
class Fault:
    name: str
    finding: str
    site: f.Site
    weight: str = "error"
    # With which token it is probed.
    bearer: str | None = None
    arguments: tuple[str, ...] = ()
    # How long the fault itself makes the probe take.
    seconds: float = 15


def two(answer: Any) -> Any:
    yield event(answer)
    yield event(answer)


def named(answer: Any) -> Any:
    yield event(answer, "answer")


def unfinished(answer: Any) -> Any:
    yield event(answer).rstrip(b"\n")


def chatty(answer: Any) -> Any:
    yield b"data: hello there\n\n"
    yield event(answer)


def coded(self: Healthy, request: Any, message: Any) -> Reply:
    reply = Healthy.on_request(self, request, message)
    return error(message["id"], "METHOD_NOT_FOUND", "No") if b'"error"' in reply.body else reply


def stringly(self: Healthy, answer: Any) -> Reply:
    return as_json({**answer, "id": str(answer["id"])})


def endless(self: Healthy, params: Any) -> Any:
    cursor = int(params.get("cursor", 0))
    return {"tools": [{**ECHO, "name": f"echo{cursor}"}], "nextCursor": str(cursor + 1)}


def lost_call(self: Healthy, request: Any, message: Any, name: str) -> Reply:
    if name == "now":
        return Reply(200, {"Content-Type": "text/event-stream"})
    return Healthy.call(self, request, message, name)


EMPTY = Reply(200, {"Content-Type": "application/json"})
LONG = {f"parameter_{number}": {"type": "string", "description": "x" * 200} for number in range(90)}
REFERENCE = {"properties": {"a": {"$ref": "https://example.com/a.json"}}}
NESTED = {"properties": {"a": {"type": "object", "properties": {"b": {"type": "object"}}}}}

FAULTS = [
    # What answers
    Fault("redirect", "reach.redirect", f.with_(serve=f.redirected)),
    Fault("elsewhere", "reach.not-mcp", f.everything(lambda: as_json({"detail": "Not Found"}, 404))),
    Fault("elsewhere-error", "reach.not-mcp", f.everything(lambda: as_json({"error": "not found"}, 404))),
    Fault("page", "reach.not-mcp", f.everything(f.page(200))),
    Fault("failing", "reach.failing", f.everything(lambda: Reply(502))),
    Fault("throttled", "reach.throttled", f.everything(lambda: Reply(429, {"Retry-After": "60"}))),
    Fault("filtered", "reach.forbidden", f.everything(f.page(403))),
    Fault("two-endpoints", "reach.two-endpoints", f.with_(endpoint=f.two_endpoints), "warning"),
    Fault("agent-filtered", "reach.user-agent", f.with_(endpoint=f.claude_only)),
    Fault("head-fails", "reach.head", f.with_(on_head=lambda self, request: Reply(500)), "warning"),
    # initialize
    Fault("initialize-empty", "initialize.unanswered", f.on("initialize", lambda *_: EMPTY)),
    Fault("initialize-dropped", "initialize.unanswered", f.on("initialize", f.drop)),
    Fault(
        "initialize-refused", "initialize.refused",
        f.on("initialize", lambda _, m: error(m["id"], -32603, "Not today")),
    ),
    Fault("no-downgrade", "initialize.no-downgrade", f.with_(on_initialize=f.no_downgrade)),
    Fault("no-server-info", "initialize.malformed", f.opening(serverInfo=None)),
    Fault("version-of-its-own", "initialize.version", f.opening(protocolVersion="2025-12-01")),
    Fault("no-tools-capability", "initialize.no-tools", f.with_(capabilities=lambda self: {"prompts": {}})),
    Fault("initialized-refused", "initialize.initialized", f.on("notifications/initialized", lambda *_: Reply(400))),
    Fault(
        "initialized-200", "initialize.initialized-status",
        f.on("notifications/initialized", lambda *_: Reply(200)), "note",
    ),
    Fault("initialize-slow", "time.initialize", f.after(10.4, '"initialize"'), seconds=60),
    Fault("initialize-late", "time.initialize", f.after(30, '"initialize"'), seconds=40),
    Fault("list-slow", "time.list", f.after(5.2, '"tools/list"'), seconds=60),
    # Headers
    Fault("discover-fails", "header.discover", f.probe_of_versions(lambda: Reply(500))),
    Fault("discover-empty", "header.discover", f.probe_of_versions(lambda: EMPTY)),
    Fault("version-wanted", "header.version-missing", f.header("mcp-protocol-version", lambda v: v is None)),
    Fault("charset-refused", "header.charset", f.header("content-type", lambda v: "charset" in (v or ""), 415)),
    Fault("accept-refused", "header.accept-any", f.header("accept", lambda v: v == "*/*", 406), "warning"),
    Fault(
        "version-other", "header.version-other",
        f.header("mcp-protocol-version", lambda v: v == "2025-06-18"), "note",
    ),
    Fault("version-unknown", "header.version-unknown", f.with_(on_post=f.without_version), "note"),
    Fault(
        "version-doubled", "header.version-doubled",
        f.header("mcp-protocol-version", lambda v: "," in (v or "")), "note",
    ),
    Fault("mixed-eras", "header.mixed-eras", f.with_(on_request=f.mixed), "warning"),
    Fault("accept-wanted", "header.accept-missing", f.header("accept", lambda v: v is None, 406), "note"),
    Fault(
        "both-types-wanted", "header.accept-json",
        f.header("accept", lambda v: v == "application/json", 406), "note",
    ),
    Fault("small-requests", "request.size", f.with_(on_post=f.limited(100 << 10)), "warning"),
    Fault("ordinary-limit", "request.size", f.with_(on_post=f.limited(1 << 20)), "note"),
    Fault("punctual", "header.early-list", f.Punctual, "note"),
    Fault("some-versions-refused", "initialize.negotiation", f.with_(on_initialize=f.choosy), "warning"),
    Fault("modern-only", "initialize.per-request-only", f.Modern),
    # Sessions
    Fault("session-characters", "session.id-characters", f.with_(new_session=lambda self: "a b\u00e9")),
    Fault("single", "session.single", s.Single),
    Fault("newest", "session.single", s.Newest),
    Fault(
        "one-id", "session.same-id",
        f.with_(new_session=lambda self: "the-session", on_delete=lambda self, r: Reply(405, {"Allow": "POST"})),
    ),
    Fault("missing-id", "session.missing-id", f.header("mcp-session-id", lambda v: v is None), "warning"),
    Fault(
        "unknown-400", "session.unknown-id",
        f.with_(unknown_session=lambda self, r: error(None, -32000, "Bad session", 400)),
    ),
    Fault("unknown-401", "session.unknown-id", f.with_(unknown_session=lambda self, r: Reply(401))),
    Fault("unknown-503", "session.unknown-id", f.with_(unknown_session=lambda self, r: Reply(503))),
    Fault("ended-400", "session.deleted-id", s.Remembering),
    Fault("ended-for-all", "session.no-return", s.Ended),
    Fault("delete-fails", "session.delete", f.with_(on_delete=lambda self, request: Reply(500)), "warning"),
    Fault("ended-served", "session.deleted-served", f.with_(on_delete=lambda self, request: Reply(200)), "note"),
    Fault("ended-for-openai", "session.openai-return", Healthy, "note"),
    Fault("ended-twice", "session.delete-twice", s.Once, "warning"),
    Fault("end-hung-up", "session.delete-hung-up", s.Touchy),
    Fault("end-with-body", "session.delete-body", f.with_(with_bodies=("POST",)), "warning"),
    Fault("end-of-none", "session.delete-none", f.with_(on_delete=s.of_none), "warning"),
    Fault("session-for-token", "session.no-token", p.BySession, "warning", bearer=p.TOKEN),
    Fault(
        "end-without-token", "session.delete-no-token",
        type("Ending", (p.BySession,), {"verbs": ("DELETE",)}), "warning", bearer=p.TOKEN,
    ),
    Fault("equal-ids-hang", "session.equal-ids", s.ByID, seconds=20),
    Fault("equal-ids-swap", "session.equal-ids", type("Swapping", (s.ByID,), {"swaps": True})),
    # The race
    Fault("race-empty", "race.lost", s.racing(lambda _: Reply(200, {"Content-Type": "text/event-stream"}))),
    Fault("race-dropped", "race.lost", s.racing(f.drop)),
    Fault("race-hung", "race.lost", s.racing(s.hang), seconds=40),
    Fault("race-failed", "race.lost", s.racing(lambda r: error(r.message["id"], -32603, "Terminated", 500))),
    Fault("race-beside-stream", "race.lost", s.LosingListeners),
    Fault("race-cut-short", "race.lost", s.Beginning),
    Fault("race-stream-breaks", "race.stream", s.BreakingStreams, "warning"),
    Fault("race-busy", "race.delete", s.Busy, "warning"),
    Fault("race-misrefused", "race.misrefused", s.racing(lambda _: Reply(401))),
    Fault("race-new-session", "race.new-session", s.Unsettled),
    Fault("race-throttled", "race.throttled", f.Throttling, "note"),
    Fault("one-at-a-time", "answer.parallel", s.OneAtATime),
    # Streams
    Fault("get-404", "stream.get", f.get(lambda self, r: Reply(404))),
    Fault("get-400", "stream.get", f.get(lambda self, r: Reply(400))),
    Fault("get-without-allow", "stream.allow", f.get(lambda self, r: Reply(405)), "warning"),
    Fault("get-without-id", "stream.without-id", f.get(lambda self, r: Reply(404), without=True)),
    Fault("get-silent", "stream.first-byte", f.get(f.silent), "warning", seconds=25),
    Fault("get-once", "stream.second", f.OneStream, "warning"),
    Fault("get-ends", "stream.ended", f.with_(listening=f.ending), "warning"),
    Fault("get-breaks", "stream.ended", f.with_(listening=f.breaking), "warning"),
    Fault("get-held-back", "stream.buffered", f.with_(listening=f.farewell), "warning"),
    Fault("get-compressed", "stream.compressed", f.get(f.compressed), "warning"),
    Fault("get-answers", "stream.beside", f.with_(listening=f.same_stream)),
    Fault("get-buffered", "stream.buffering-hint", f.get(f.proxied), "note"),
    Fault("get-cut", "stream.idle", f.with_(listening=f.cut), "warning", arguments=("--only", "stream.idle")),
    Fault("not-resumed", "stream.resume", f.Forgetful, "warning"),
    # The form of answers
    Fault(
        "text-plain", "answer.content-type",
        f.with_(written=lambda self, a: Reply(200, {"Content-Type": "text/plain"}, as_json(a).body)),
    ),
    Fault("changed-id", "answer.id", f.with_(written=stringly)),
    Fault("null-error", "answer.null-member", f.answering(error=None)),
    Fault("no-jsonrpc", "answer.jsonrpc", f.answering(jsonrpc=...)),
    Fault("two-answers", "answer.twice", f.streaming(two), "warning"),
    Fault("string-code", "answer.code", f.with_(on_request=coded)),
    Fault("event-name", "sse.event-name", f.streaming(named)),
    Fault("unfinished-event", "sse.unfinished", f.streaming(unfinished)),
    Fault("unreadable-event", "sse.unreadable", f.streaming(chatty), "warning"),
    Fault("left-open", "sse.left-open", f.streaming(f.open_for(1.5)), "warning", seconds=25),
    Fault("primed-early", "sse.empty", f.Old, "warning"),
    # Refusals
    Fault(
        "unknown-method-404", "error.unknown-method",
        f.on("holdfast/no-such-method", lambda _, m: error(m["id"], -32601, "No", 404)),
    ),
    Fault(
        "unknown-tool-dropped", "error.unknown-tool",
        f.with_(call=lambda self, r, m, name: Healthy.call(self, r, m, name) if name == "now" else f.drop()),
    ),
    Fault(
        "unknown-notification-500", "error.unknown-notification",
        f.on("notifications/holdfast-probe", lambda *_: Reply(500)), "warning",
    ),
    Fault(
        "malformed-500", "error.malformed",
        f.with_(on_post=lambda self, r: Healthy.on_post(self, r) if r.body.endswith(b"}") else Reply(500)), "warning",
    ),
    Fault("bare-404", "error.body", f.with_(unknown_session=lambda self, r: Reply(404)), "note"),
    Fault("fragile", "error.survives", f.Fragile),
    # The list
    Fault(
        "list-empty-answer", "tools.unanswered",
        f.on("tools/list", lambda *_: Reply(200, {"Content-Type": "text/event-stream"})),
    ),
    Fault(
        "list-refused", "tools.refused",
        f.on("tools/list", lambda _, m: error(m["id"], -32603, "Choose a project first")),
    ),
    Fault("no-tools", "tools.none", f.with_(tools=lambda self: [])),
    Fault("two-pages", "tools.pages", f.with_(listed=f.paged)),
    Fault("endless-pages", "tools.endless", f.with_(listed=endless)),
    Fault("too-many", "tools.count", f.tools(*({**NOW, "name": f"tool{number}"} for number in range(300)))),
    Fault(
        "large-definitions", "tools.tokens",
        f.tools(*({**NOW, "name": f"t{n}", "description": "x" * 9000} for n in range(12))), "warning",
    ),
    Fault("duplicate", "tools.duplicate", f.tools(NOW)),
    Fault("shuffled", "tools.stable", f.Shuffled, "warning"),
    Fault("bad-name", "tools.name", f.tool(name="say hello/now")),
    Fault(
        "no-description", "tools.description",
        f.tools({name: value for name, value in ECHO.items() if name != "description"}), "warning",
    ),
    Fault("no-schema", "tools.shape", f.tool(inputSchema=None)),
    Fault("large-schema", "tools.schema-size", f.schema(properties=LONG)),
    Fault("combinator", "tools.combinator", f.schema(anyOf=[{"required": ["a"]}, {"required": ["b"]}])),
    Fault("parameter-name", "tools.parameter-name", f.schema(properties={"what to say": {"type": "string"}})),
    Fault("reference", "tools.reference", f.schema(**REFERENCE)),
    Fault(
        "local-reference", "tools.local-reference",
        f.schema(properties={"a": {"$ref": "#/$defs/a"}}, **{"$defs": {"a": {"type": "string"}}}), "warning",
    ),
    Fault("nested", "tools.nested", f.schema(**NESTED), "warning"),
    Fault("dotted-name", "tools.dotted-name", f.tool(name="say.hello"), "warning"),
    Fault("long-name", "tools.long-name", f.tool(name="n" * 60), "warning"),
    Fault("output-array", "tools.output-schema", f.tool(outputSchema={"type": "array"})),
    Fault(
        "no-annotations", "tools.annotations",
        f.tools({name: value for name, value in ECHO.items() if name != "annotations"}), "note",
    ),
    Fault(
        "parameter-header", "tools.parameter-header",
        f.schema(properties={"a": {"type": "object", "x-mcp-header": "A"}}), "warning",
    ),
    Fault("no-search", "tools.search-fetch", Healthy, "note", arguments=("--as", "chatgpt")),
    # Browsers, and what looks like one
    Fault("claude-refused", "origin.claude", f.with_(endpoint=f.not_claude), "note"),
    Fault("any-origin", "origin.unchecked", f.with_(endpoint=f.any_origin), "note"),
    Fault("no-preflight", "browser.preflight", f.with_(on_options=lambda self, request: Reply(405)), "note"),
    Fault("not-exposed", "browser.exposed", f.with_(for_pages=f.anybody), "note"),
    Fault("challenge-not-exposed", "browser.exposed", p.protected(for_pages=f.anybody), "note"),
    Fault("exact-path", "reach.slash", f.with_(serve=f.exact), "note"),
    # Results
    Fault("call-lost", "result.lost", f.with_(call=lost_call)),
    Fault("large-result", "result.size", f.with_(text=lambda self, name: "x" * 200_000), "warning"),
    # Signing in
    Fault("forbidden", "access.forbidden", p.protected(needed=403)),
    Fault(
        "no-metadata", "access.no-metadata",
        p.protected(document=Healthy.document, challenge=lambda self: {"WWW-Authenticate": "Bearer"}),
    ),
    Fault(
        "relative-metadata", "access.relative-metadata",
        p.protected(challenge=p.relative_challenge),
    ),
    Fault("no-challenge", "access.no-challenge", p.protected(challenge=lambda self: {}), "warning"),
    Fault("other-resource", "access.resource", p.describing(resource="https://example.com/mcp")),
    Fault("no-issuer", "access.no-server", p.describing(authorization_servers=[])),
    Fault("wrong-token", "access.token-refused", p.Protected, bearer="of-yesterday"),
    Fault("well-known-empty", "access.empty-404", f.with_(document=lambda self, path: Reply(404)), "warning"),
    Fault("well-known-page", "access.page", f.with_(document=p.page), "warning"),
    Fault("authless", "access.authless", f.with_(document=p.everywhere), "warning"),
    Fault(
        "issuer-missing", "oauth.missing",
        p.protected(document=p.without_issuer),
    ),
    Fault("other-issuer", "oauth.issuer", p.naming(issuer="https://login.example.com")),
    Fault("no-endpoints", "oauth.endpoints", p.naming(token_endpoint=...)),
    Fault("no-pkce", "oauth.pkce", p.naming(code_challenge_methods_supported=["plain"])),
    Fault(
        "no-registration", "oauth.registration",
        p.naming(registration_endpoint=..., client_id_metadata_document_supported=...),
    ),
    Fault(
        "no-public-clients", "oauth.public-clients",
        p.naming(token_endpoint_auth_methods_supported=["client_secret_post"]), "warning",
    ),
    Fault(
        "root-metadata", "access.path-metadata",
        p.protected(document=p.rooted, challenge=p.rooted_challenge), "note",
    ),
    Fault("issuer-path", "oauth.issuer-path", p.Tenant, "warning"),
    Fault("no-offline-access", "oauth.offline-access", p.naming(scopes_supported=["tools"]), "note"),
    Fault("slow-metadata", "oauth.slow", p.protected(document=p.slow_document), "warning"),
    Fault("null-metadata", "oauth.null", p.naming(jwks_uri=None)),
    Fault("wrong-token-400", "access.wrong-token", p.protected(unknown_token=lambda self: Reply(400))),
    Fault("any-token", "access.wrong-token", p.AnyToken, "warning"),
    Fault("no-sign-in-page", "oauth.authorize", p.protected(at_authorize=lambda self, r: Reply(404)), "warning"),
    Fault("open-redirect", "oauth.open-redirect", p.protected(at_authorize=p.redirecting), "warning"),
    Fault("token-page", "oauth.token-error", p.protected(at_token=lambda self, r: f.page(400)()), "warning"),
    Fault("token-detail", "oauth.token-error", p.protected(at_token=p.validating), "warning"),
    Fault(
        "registration-refused", "oauth.registration-refused",
        p.protected(at_register=p.full), arguments=p.SIGNING_IN,
    ),
    Fault("registration-null", "oauth.registration-form", p.protected(at_register=p.nulls), arguments=p.SIGNING_IN),
    Fault("registration-float", "oauth.registration-form", p.protected(at_register=p.floats), arguments=p.SIGNING_IN),
]

BY_NAME = {fault.name: fault for fault in FAULTS}


def main() -> int:
    if sys.argv[1:] and sys.argv[1] in BY_NAME:
        with Listener(BY_NAME[sys.argv[1]].site()) as listener:
            print(f"{listener.url}: the probe must find {BY_NAME[sys.argv[1]].finding}", flush=True)
            f.wait(86_400)
        return 0
    print("\n".join(f"{fault.name:24} {fault.weight:8} {fault.finding}" for fault in FAULTS))
    return 64


if __name__ == "__main__":
    sys.exit(main())
