"""Waiting for the body of a client only so long."""

import asyncio

import anyio
import pytest

from rapide._run.body import BodyTimeoutError, in_time

pytestmark = pytest.mark.anyio
_MESSAGE = {"type": "http.request", "body": b"x", "more_body": False}


async def _silent():
    await anyio.sleep_forever()


async def test_message_that_is_there_is_received():
    """What is there at once, or a little later, is what comes out."""

    async def at_once():
        return _MESSAGE

    async def later():
        await anyio.sleep(0.01)
        await anyio.sleep(0.01)
        return _MESSAGE

    assert await in_time(at_once, 0.001) is _MESSAGE
    assert await in_time(later, 60) is _MESSAGE


async def test_silence_is_a_408():
    """Nothing in time is a 408, which closes the connection; the task goes on as if nothing had happened."""
    with pytest.raises(BodyTimeoutError) as caught:
        await in_time(_silent, 0.01)
    assert (caught.value.status_code, caught.value.headers) == (408, {"Connection": "close"})
    await anyio.sleep(0.01)


async def test_receiving_may_have_scopes_of_its_own():
    """A `receive` of middleware may be within a cancel scope when it begins to wait."""

    async def receive():
        with anyio.move_on_after(60):
            await anyio.sleep(0.01)
            return _MESSAGE

    async def silent():
        with anyio.move_on_after(60):
            await anyio.sleep_forever()

    assert await in_time(receive, 60) is _MESSAGE
    with pytest.raises(BodyTimeoutError):
        await in_time(silent, 0.01)


async def test_cancellation_from_outside_passes():
    """A request that is cancelled while it waits is cancelled, not answered."""
    cleaned = []

    async def receive():
        try:
            await anyio.sleep_forever()
        finally:
            cleaned.append(True)

    with anyio.move_on_after(0.01) as scope:
        await in_time(receive, 60)
    assert (scope.cancelled_caught, cleaned) == (True, [True])


async def test_errors_pass():
    """What receiving raises, at once or later, comes out as it is."""

    async def fail():
        raise ValueError("at once")

    async def fail_later():
        await anyio.sleep(0.01)
        raise ValueError("later")

    for receive in (fail, fail_later):
        with pytest.raises(ValueError, match=r"at once|later"):
            await in_time(receive, 60)


class _Bare:
    """An awaitable as Granian's are: its steps can be asked for the next one, and for nothing else."""

    def __init__(self, waiting):
        self._waiting = waiting.__await__()

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return next(self._waiting)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_steps_need_not_be_a_generator(anyio_backend):
    """A server's own awaitable may be any iterator; every body on Granian was a 500."""
    futures = []

    def receive():
        futures.append(asyncio.get_running_loop().create_future())
        return _Bare(futures[-1])

    waiting = asyncio.ensure_future(in_time(receive, 60))
    await asyncio.sleep(0)
    futures[-1].set_result(_MESSAGE)
    assert await waiting is _MESSAGE
    with pytest.raises(BodyTimeoutError):
        await in_time(receive, 0.01)
