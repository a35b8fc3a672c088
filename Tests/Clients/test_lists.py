"""What a server is told about its lists: how long a page is, how long they may be kept, and by whom."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import Client
from per_request import PerRequest
from requirement import requirement
from server import Server

FLAGS = [
    "--list-page-size", "3",
    "--tools-cache-ttl", "5s", "--tools-cache-scope", "private",
    "--prompts-cache-ttl", "0s",
    "--discover-cache-ttl", "7s",
]  # fmt: skip


@requirement("M-32", "H-89")
def test_a_list_comes_in_pages_in_both_eras(server: Server, caller: PerRequest) -> None:
    client = Client(server).open()
    names = []
    for one in (caller, client):
        found: list[str] = []
        params: dict[str, Any] = {}
        while True:
            page = one.request("tools/list", params).result
            found += [tool["name"] for tool in page["tools"]]
            if "nextCursor" not in page:
                assert 1 <= len(page["tools"]) <= 3
                break
            assert len(page["tools"]) == 3
            params = {"cursor": page["nextCursor"]}
        assert len(found) == len(set(found)) > 9
        names.append(found)
    assert names[0] == names[1]


@requirement("M-32")
@pytest.mark.parametrize("cursor", ["", "none", "-1", "999999", 1])
def test_a_cursor_that_was_not_given_is_invalid(caller: PerRequest, cursor: Any) -> None:
    assert caller.request("tools/list", {"cursor": cursor}).error["code"] == -32602


@requirement("caching", "H-89")
def test_each_list_says_what_its_settings_say(caller: PerRequest) -> None:
    def hint(method: str) -> tuple[int, str]:
        result = caller.request(method).result
        return result["ttlMs"], result["cacheScope"]

    assert hint("tools/list") == (5000, "private")
    assert hint("prompts/list") == (0, "public")
    assert hint("resources/list") == hint("resources/templates/list") == (60_000, "public")
    assert hint("server/discover") == (7000, "public")
