"""The memory tools, end to end through the product's own binary."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conversation import Client
from server import Server

SERVER = "product"
FLAGS: list[str] = []
TOOLS = {
    "memory_store", "memory_search", "memory_get", "memory_list", "memory_forget", "memory_handover", "memory_status",
}  # fmt: skip
LIMIT = 100_000
HOSTILE = [
    '"', "'", "''", '""', "*", "a*", "^a", "-", "--", "NOT", "AND", "OR", "NEAR(", "NEAR(a b, 5)", "a AND", "AND b",
    "(a", "a)", "{content}: x", "content:secret", "owner:local", "rowid:1", "col : x", "a + b", 'a"b', "\\", "%", "_",
    "'; DROP TABLE memories; --", '" OR 1=1 --', "a\u0000b", "\u0000", "🙂", "日本語", "ﷺ", "a" * 3000, "a " * 1500,
    "(" * 200, '"' * 501, "~!@#$%^&*()_+`-=[]{}|;':\",./<>?", "\n\t\r", "NOT NOT NOT", "fts5(", "MATCH",
]  # fmt: skip


class Memories:
    """The tools of one client, each result checked against the schema that the tool declares."""

    def __init__(self, client: Client) -> None:
        self.client = client
        tools = client.list_tools().result["tools"]
        self.schemas = {tool["name"]: tool["outputSchema"] for tool in tools}

    def __call__(self, name: str, **arguments: Any) -> dict[str, Any]:
        answer = self.client.call(f"memory_{name}", arguments)
        structured = answer.result.get("structuredContent")
        assert answer.text and structured is not None, answer.result
        Draft202012Validator(self.schemas[f"memory_{name}"]).validate(structured)
        assert len(json.dumps(answer.result, ensure_ascii=False)) < LIMIT
        return structured

    def failure(self, name: str, **arguments: Any) -> str:
        result = self.client.call(f"memory_{name}", arguments).result
        assert result["isError"] is True, result
        return result["content"][0]["text"]

    def found(self, query: str, **more: Any) -> list[str]:
        return [memory["id"] for memory in self("search", query=query, **more)["memories"]]


@pytest.fixture
def memories(client: Client) -> Memories:
    return Memories(client)


def test_the_tools_are_listed_with_titles_annotations_and_schemas(client: Client) -> None:
    tools = {tool["name"]: tool for tool in client.list_tools().result["tools"]}
    assert set(tools) == TOOLS
    for tool in tools.values():
        assert tool["title"] and tool["description"]
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        assert not {"anyOf", "oneOf", "allOf", "$ref"} & set(tool["inputSchema"])
        for value in tool["inputSchema"].get("properties", {}).values():
            assert value["type"] != "object", "schemas are flat"
        assert {"readOnlyHint", "destructiveHint"} <= set(tool["annotations"])
    assert tools["memory_search"]["annotations"]["readOnlyHint"] is True
    assert tools["memory_forget"]["annotations"]["destructiveHint"] is True
    assert len(json.dumps(list(tools.values()))) < 20_000


def test_what_is_stored_is_found_read_and_listed(memories: Memories) -> None:
    stored = memories("store", content="The boiler hums in B flat.", label="house/boiler", tags=["house", "sound"])
    assert stored["label"] == "house/boiler" and stored["version"] == 1 and stored["priority"] == "reference"
    assert memories.found("boiler") == [stored["id"]]
    assert memories.found("flat hums") == [stored["id"]]
    assert memories.found("boiler", tags=["house"]) == [stored["id"]]
    assert memories.found("boiler", tags=["garden"]) == []
    for reference in ({"id": stored["id"]}, {"label": "house/boiler"}):
        assert memories("get", **reference)["content"] == "The boiler hums in B flat."
    assert stored["id"] in [memory["id"] for memory in memories("list", tag="sound")["memories"]]
    assert stored["id"] in [memory["id"] for memory in memories("list", label_prefix="house/")["memories"]]
    assert memories("list", label_prefix="garden/")["memories"] == []


def test_a_label_used_again_makes_a_new_version_and_keeps_the_old(memories: Memories) -> None:
    ids = [memories("store", content=f"wording {number}", label="versions")["id"] for number in (1, 2, 3)]
    assert len(set(ids)) == 3
    assert memories("get", label="versions")["content"] == "wording 3"
    assert memories("get", label="versions", version=1)["content"] == "wording 1"
    assert memories("get", id=ids[1])["content"] == "wording 2"
    assert "not stored" in memories.failure("get", label="versions", version=4)


def test_priorities_filter_and_are_checked(memories: Memories) -> None:
    important = memories("store", content="Never deploy on Fridays.", priority="always", label="rule/friday")
    assert important["priority"] == "always"
    assert memories.failure("store", content="x", priority="urgent")
    assert memories.failure("store", content="")
    assert memories.failure("store")


def test_forgetting_needs_confirmation(memories: Memories) -> None:
    stored = memories("store", content="to be forgotten", label="fleeting")
    asked = memories("forget", label="fleeting")
    assert asked["forgotten"] == 0
    assert memories("get", id=stored["id"])["content"] == "to be forgotten"
    assert memories("forget", label="fleeting", confirm=False)["forgotten"] == 0
    assert memories("forget", label="fleeting", confirm=True)["forgotten"] == 1
    assert memories.failure("get", id=stored["id"])
    assert memories.found("forgotten") == []


def test_a_hand_over_note_reaches_the_next_conversation(memories: Memories) -> None:
    assert memories("handover", text="The tests are green; the README is missing.")["left"] is True
    later = Memories(Client(memories.client.server).open())
    assert later("handover")["text"] == "The tests are green; the README is missing."
    later("handover", text="All done.")
    assert memories("handover")["text"] == "All done."


def test_a_long_memory_is_read_in_pages_that_fit(memories: Memories) -> None:
    content = "".join(f'line {number:06} ☃ "quoted" \\ \n' for number in range(7000))
    stored = memories("store", content=content, label="long")
    assert stored["bytes"] == len(content.encode())
    pages, offset = [], 0
    while True:
        page = memories("get", label="long", **({"offset": offset} if offset else {}))
        pages.append(page["content"])
        if "nextOffset" not in page:
            break
        assert page["nextOffset"] > offset
        offset = page["nextOffset"]
    assert "".join(pages) == content
    preview = memories("search", query="line 000001")["memories"][0]["preview"]
    assert len(preview) <= 600


def test_many_long_memories_make_no_result_too_long(memories: Memories) -> None:
    for number in range(60):
        memories("store", content=f"plenty {number} " + "wörter ☃ " * 500, tags=["plenty"])
    assert memories("search", query="plenty", limit=50)["memories"]
    listed = memories("list", tag="plenty", limit=200)
    assert listed["memories"]


def test_any_query_text_is_data(memories: Memories) -> None:
    stored = memories("store", content="needle in the haystack")["id"]
    for query in HOSTILE:
        memories("search", query=query)
        assert memories.client.call("memory_search", {"query": f"needle {query[:100]}"}).text
    assert stored in memories.found("needle")


def test_hostile_text_is_kept_as_it_is(memories: Memories) -> None:
    for number, text in enumerate(HOSTILE):
        if not text.strip():
            continue
        stored = memories("store", content=f"kept {text}", label=f"hostile-{number}")
        assert memories("get", id=stored["id"])["content"] == f"kept {text}"
    for text in ("'; DROP TABLE memories; --", "a%b_c", "日本語"):
        memories("store", content="labelled", label=text, tags=[text])
        assert memories("get", label=text)["content"] == "labelled"
        assert [memory["label"] for memory in memories("list", tag=text)["memories"]] == [text]
        assert [memory["label"] for memory in memories("list", label_prefix=text)["memories"]] == [text]


def test_bad_arguments_are_explained_to_the_model(memories: Memories) -> None:
    for name, arguments in (
        ("get", {}),
        ("get", {"id": "nothing-like-it"}),
        ("get", {"id": 5}),
        ("search", {"query": ["a"]}),
        ("search", {"query": "a", "limit": 0}),
        ("store", {"content": "x", "tags": "y" * 1000}),
        ("store", {"content": "x" * 3_000_000}),
        ("forget", {}),
    ):
        assert len(memories.failure(name, **arguments)) > 10, (name, list(arguments))


@pytest.mark.timeout(60)
def test_memories_survive_a_kill_between_any_two_calls(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="product").start()
    memories = Memories(Client(server).open())
    first = memories("store", content="before the first crash", label="a", tags=["kept"])
    server.restart()
    assert memories("get", label="a")["content"] == "before the first crash"
    second = memories("store", content="before the second crash", label="a")
    memories("handover", text="mind the crash")
    server.restart()
    assert second["version"] == 2
    assert set(memories.found("crash")) == {first["id"], second["id"]} or memories.found("crash") == [second["id"]]
    assert memories("get", label="a", version=1)["content"] == "before the first crash"
    assert memories("handover")["text"] == "mind the crash"
    memories("forget", label="a", confirm=True)
    server.restart()
    assert memories.found("crash") == []


@pytest.mark.timeout(60)
def test_an_acknowledged_memory_is_never_lost_by_a_kill(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="product").start()
    client = Client(server).open()
    acknowledged: list[str] = []
    for _ in range(3):
        calls = [client.begin_call("memory_store", {"content": f"memory {time.monotonic_ns()}"}) for _ in range(8)]
        acknowledged.append(calls[0].finish().result["structuredContent"]["id"])
        server.kill()
        for call in calls[1:]:
            call.connection.close()
        server.start()
    memories = Memories(client)
    for stored in acknowledged:
        assert memories("get", id=stored)["content"].startswith("memory ")


def test_memories_belong_to_one_principal(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="product")
    one, two = server.add_key("one"), server.add_key("two")
    server.start()
    mine, theirs = (Memories(Client(server, key=key).open()) for key in (one, two))
    stored = mine("store", content="a private thing", label="private", tags=["private"])
    mine("handover", text="only for me")
    assert theirs.found("private thing") == []
    assert theirs("list")["memories"] == [] and theirs("list", tag="private")["memories"] == []
    # Whoever owns something is known to the store, and must still see nothing else.
    own = theirs("store", content="their own thing")
    assert [memory["id"] for memory in theirs("list")["memories"]] == [own["id"]]
    # Another's memory and one that never was get the same words.
    foreign = theirs.failure("get", id=stored["id"])
    assert foreign == theirs.failure("get", id="x" * len(stored["id"])).replace("x" * len(stored["id"]), stored["id"])
    assert theirs("forget", id=stored["id"], confirm=True)["forgotten"] == 0
    assert theirs("forget", label="private", confirm=True)["forgotten"] == 0
    assert "text" not in theirs("handover")
    assert theirs("store", content="a namesake", label="private")["version"] == 1
    assert mine("get", label="private")["content"] == "a private thing"
    assert mine("handover")["text"] == "only for me"
    assert mine("status") != theirs("status") or mine("list") != theirs("list")


def test_a_revoked_and_renewed_key_is_someone_else_or_nobody(make_server: Callable[..., Server]) -> None:
    server = make_server(kind="product")
    first, other = server.add_key("first"), server.add_key("other")
    server.start()
    Memories(Client(server, key=first).open())("store", content="mine alone", label="x")
    assert Memories(Client(server, key=other).open()).failure("get", label="x")


def test_status_counts(memories: Memories) -> None:
    before = json.dumps(memories("status"))
    memories("store", content="one more")
    assert json.dumps(memories("status")) != before


def test_parallel_writers_lose_nothing(server: Server) -> None:
    clients = [Client(server).open() for _ in range(4)]
    calls = [
        client.begin_call("memory_store", {"content": f"parallel {number}", "label": "parallel"})
        for number in range(5)
        for client in clients
    ]
    versions = sorted(call.finish().result["structuredContent"]["version"] for call in calls)
    assert versions == list(range(1, 21))


def test_without_a_session_the_tools_work_as_well(server: Server) -> None:
    client = Client(server)
    stored = client.call("memory_store", {"content": "no session"}).result
    # A caller without a version header is taken for 2025-03-26, which knows no structured content.
    assert "structuredContent" not in stored
    newest = {"MCP-Protocol-Version": "2025-11-25"}
    found = client.call("memory_search", {"query": "session"}, headers=newest).result["structuredContent"]
    assert found["memories"]
