"""Official clients visit `everything`, over HTTP and over standard input and output: all that it has, and all it asks.

Runs once for every client (mcp 1.x, mcp 2.x, FastMCP's) and, where the client has both, in each era; see `run`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any

import anyio
import pytest

from official import MAJOR, Refusal, until
from requirement import requirement
from server import Server, binary
from visitor import FASTMCP, MODES, Target, Visitor, visit

SERVER = "everything"
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated.*")
PLACES = ["http", "stdio"]
NEWEST = {"legacy": "2025-11-25", "auto": "2026-07-28"}

ARGUMENTS: dict[str, dict[str, Any]] = {
    "json_schema_2020_12_tool": {"name": "n", "contactMethod": "phone", "phone": "1"},
    "test_sampling": {"prompt": "Say something"},
    "test_elicitation": {"message": "Who are you?"},
    "greet": {"name": "World"},
    "slow_compute": {"seconds": 0, "label": "l"},
    "confirm_delete": {"filename": "f"},
}
# They need the tasks extension, which these clients do not declare, or are there to fail.
REFUSED = {"failing_job", "test_tool_with_task"}
MAY_FAIL = REFUSED | {"protocol_error_job", "confirm_delete", "multi_input"}
ASKS = {
    "test_sampling": ["sampling/createMessage"],
    "test_elicitation": ["elicitation/create"],
    "test_elicitation_sep1034_defaults": ["elicitation/create"],
    "test_elicitation_sep1330_enums": ["elicitation/create"],
    "test_input_required_result_elicitation": ["elicitation/create"],
    "test_input_required_result_sampling": ["sampling/createMessage"],
    "test_input_required_result_list_roots": ["roots/list"],
    "test_input_required_result_request_state": ["elicitation/create"],
    "test_input_required_result_tampered_state": ["elicitation/create"],
    "test_input_required_result_multiple_inputs": ["elicitation/create", "roots/list", "sampling/createMessage"],
    "test_input_required_result_multi_round": ["elicitation/create", "elicitation/create"],
}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Target:
    """Where `everything` is: at a URL, or behind a command."""
    if request.param == "http":
        return str(request.getfixturevalue("server").url)
    return [binary("EVERYTHING_BIN", "everything"), "--stdio"]


def visiting(**options: Any) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., None]]:
    """A test that is a visit, in every era that the client has."""

    def wrap(test: Callable[[Visitor], Coroutine[Any, Any, None]]) -> Callable[..., None]:
        async def whole(place: Target, mode: str) -> None:
            async with visit(place, mode, **options) as visitor:
                await test(visitor)

        @pytest.mark.parametrize("mode", MODES)
        @functools.wraps(test, assigned=("__name__", "__doc__", "__module__"), updated=())
        def run(place: Target, mode: str) -> None:
            anyio.run(whole, place, mode)

        del run.__wrapped__  # pytest reads the arguments from it
        return run

    return wrap


@requirement("E-20", "E-21", "T-40")
@visiting()
async def test_the_newest_version_of_the_era_is_spoken(visitor: Visitor) -> None:
    assert visitor.version == NEWEST[visitor.mode]
    if visitor.mode == "legacy":
        await visitor.ping()


@visiting()
async def test_every_tool(visitor: Visitor) -> None:
    tools = await visitor.tools()
    assert len(tools) >= 30
    for tool in tools:
        name = tool["name"]
        visitor.asked.clear()
        if name in MAY_FAIL:
            try:
                await visitor.call(name, ARGUMENTS.get(name))
            except Refusal as refusal:
                assert refusal.error.code in (-32021, -32601, -32603), (name, refusal)
            else:
                assert name not in REFUSED or visitor.mode == "legacy", name
            continue
        result = await visitor.call(name, ARGUMENTS.get(name))
        assert result["content"], (name, result)
        assert bool(result.get("isError")) == (name == "test_error_handling"), (name, result)
        if name in ASKS:
            assert sorted(visitor.asked) == ASKS[name], name


@visiting()
async def test_what_its_user_answers_is_in_the_result(visitor: Visitor) -> None:
    async def text(name: str) -> str:
        return str((await visitor.call(name, ARGUMENTS.get(name)))["content"][0]["text"])

    assert await text("test_sampling") == "LLM response: This is a test response from the client"
    assert "testuser" in await text("test_elicitation")
    assert await text("test_input_required_result_elicitation") == "Hello, Alice!"
    assert "Alice" in await text("test_input_required_result_multi_round")


@visiting()
async def test_every_prompt(visitor: Visitor) -> None:
    prompts = await visitor.prompts()
    assert len(prompts) >= 5
    for prompt in prompts:
        arguments = {argument["name"]: "test://x" for argument in prompt.get("arguments", [])}
        messages = await visitor.prompt(prompt["name"], arguments or None)
        assert messages and all(message["content"]["type"] for message in messages)
    assert visitor.asked == ["elicitation/create"]
    assert isinstance(await visitor.complete("test_prompt_with_arguments", "arg1", "test"), list)


@visiting()
async def test_every_resource(visitor: Visitor) -> None:
    resources = await visitor.resources()
    assert len(resources) >= 3
    for resource in resources:
        (contents,) = await visitor.read(resource["uri"])
        assert contents.get("text") or contents.get("blob")
    (template,) = await visitor.templates()
    (contents,) = await visitor.read(template["uriTemplate"].replace("{id}", "123"))
    assert "123" in contents["text"]
    with pytest.raises(BaseException) as missing:
        await visitor.read("test://nonexistent-resource-for-conformance-testing")
    assert not isinstance(missing.value, KeyboardInterrupt)


@requirement("M-30", "T-20")
@visiting()
async def test_progress(visitor: Visitor) -> None:
    steps: list[tuple[float, float | None]] = []

    async def on_progress(progress: float, total: float | None, _message: str | None) -> None:
        steps.append((progress, total))

    assert (await visitor.call("test_tool_with_progress", on_progress=on_progress))["content"]
    await until(lambda: len(steps) == 3, what="three steps")
    assert steps == [(0, 100), (50, 100), (100, 100)]


@requirement("H-85", "M-03")
@visiting(log_level="debug")
async def test_log_messages(visitor: Visitor) -> None:
    if visitor.mode == "legacy":
        await visitor.log_from("debug")
    assert (await visitor.call("test_tool_with_logging"))["content"]
    await until(lambda: len(visitor.logs) == 3, what="three messages")
    assert {level.removeprefix("LoggingLevel.") for level, _ in visitor.logs} == {"info"}


@requirement("H-86", "T-21", "M-06")
@visiting()
async def test_a_caller_that_gives_up_can_go_on(visitor: Visitor) -> None:
    # 1.x does not tell the server, and its reader of lines breaks when an answer comes while it closes.
    tells = MAJOR > 1
    with anyio.move_on_after(0.3) as scope:
        await visitor.call("slow_compute", {"seconds": 60 if tells else 1, "label": "never"})
    assert scope.cancelled_caught
    result = await visitor.call("greet", {"name": "World"})
    assert result["content"][0]["text"] == "Hello, World!"
    if not tells:
        assert (await visitor.call("slow_compute", {"seconds": 1, "label": "later"}))["content"]


@visiting()
async def test_many_calls_at_once(visitor: Visitor) -> None:
    texts: list[str] = []

    async def one(name: str) -> None:
        texts.append((await visitor.call("greet", {"name": name}))["content"][0]["text"])

    async with anyio.create_task_group() as group:
        for number in range(20):
            group.start_soon(one, str(number))
    assert sorted(texts) == sorted(f"Hello, {number}!" for number in range(20))


if MAJOR > 1 and not FASTMCP:

    @requirement("H-90", "M-29", "T-22")
    def test_listen(place: Target) -> None:
        async def listening() -> None:
            async with visit(place, "auto") as visitor:
                async with visitor.client.listen(tools_list_changed=True) as tools:
                    async with visitor.client.listen(prompts_list_changed=True) as prompts:
                        await visitor.call("test_trigger_tool_change")
                        await visitor.call("test_trigger_prompt_change")
                        with anyio.fail_after(5):
                            first, second = await anext(tools), await anext(prompts)
                        assert type(first) is not type(second)
                # Closing one's own subscription leaves the connection as it was.
                assert (await visitor.call("greet", {"name": "World"}))["content"]

        anyio.run(listening)

    @requirement("Q-25", "Q-08", "H-90")
    def test_a_server_that_ends_ends_the_subscription_in_order(make_server: Callable[..., Server]) -> None:
        server = make_server(kind="everything").start()

        async def listening() -> None:
            async with visit(server.url, "auto") as visitor:
                async with visitor.client.listen(tools_list_changed=True) as subscription:
                    server.signal(15)
                    with anyio.fail_after(10):
                        assert [event async for event in subscription] == []
            assert await anyio.to_thread.run_sync(server.wait) == 0

        anyio.run(listening)
