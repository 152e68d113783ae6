"""The drain of an event loop: told once, to everybody, and to those who come later."""

import anyio
import pytest

from rapide import Rapide
from rapide.lifecycle import begin_drain, is_draining, wait_for_drain
from rapide.lifecycle.drain import current_drain
from rapide.testing import AsyncTestClient

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend(request):
    """Both backends: each test has a loop of its own."""
    return getattr(request, "param", "asyncio")


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"], indirect=True)
async def test_everybody_is_told_once():
    """Beginning again tells nobody anything."""
    told: list[str] = []

    async def listener() -> None:
        told.append("one")

    with current_drain().telling(listener):
        assert not is_draining()
        await begin_drain()
        await begin_drain()
    assert is_draining()
    assert told == ["one"]


async def test_whoever_has_left_is_not_told():
    """A stream that has ended must not be ended again."""
    told: list[str] = []

    async def listener() -> None:
        told.append("one")

    with current_drain().telling(listener):
        pass
    await begin_drain()
    assert told == []


async def test_listener_that_hangs_does_not_hold_the_others(monkeypatch):
    """A client that takes nothing is left alone."""
    monkeypatch.setattr("rapide.lifecycle.drain._NOTICE_SECONDS", 0.01)
    told = anyio.Event()

    async def tell() -> None:
        told.set()

    with current_drain().telling(anyio.sleep_forever), current_drain().telling(tell):
        with anyio.fail_after(30):
            await begin_drain()
    assert told.is_set()


async def test_waiting_ends_with_the_drain():
    """Both for who waits already and for who begins to wait afterwards."""
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(wait_for_drain)
            await anyio.wait_all_tasks_blocked()
            await begin_drain()
        await wait_for_drain()


async def test_threads_of_a_request_can_ask():
    """A `def` endpoint sees what an `async def` endpoint sees."""
    app = Rapide()

    @app.get("/")
    def draining() -> bool:
        return is_draining()

    async with AsyncTestClient(app) as client:
        assert (await client.get("/")).json() is False
        await begin_drain()
        assert (await client.get("/")).json() is True


def test_outside_of_loops_and_their_threads_it_is_an_error():
    """There is nothing that could be ending."""
    with pytest.raises(RuntimeError):
        is_draining()
