"""Signals are heard and passed on, and given back."""

import asyncio
import signal
import subprocess
import sys
import threading
from functools import partial
from typing import Any

import pytest

from rapide.lifecycle import signals
from rapide.lifecycle.signals import listening

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@pytest.fixture
def handled():
    """A server's handler for SIGTERM; what it was called with."""
    calls: list[Any] = []
    previous = signal.signal(signal.SIGTERM, lambda number, frame: calls.append(number))
    yield calls
    signal.signal(signal.SIGTERM, previous)


def _listen(times: int) -> list[str]:
    heard: list[str] = []

    async def main() -> None:
        with listening(lambda: heard.append("ending")) as pass_on:
            for _ in range(times):
                signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(0)
            pass_on()

    asyncio.run(main())
    return heard


def test_server_hears_what_it_would_have_heard(handled):
    """The application is told on the event loop, and the handler that was there is called."""
    before = signal.getsignal(signal.SIGTERM)
    assert _listen(1) == ["ending"]
    assert handled == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("passes_on", [True, False], ids=["told", "block ends"])
def test_server_hears_when_streams_and_sockets_have_been_told(handled, passes_on):
    """Granian cuts WebSockets at once: it hears of the signal when they are closed, or nothing waits."""
    seen: list[list[int]] = []

    async def main() -> None:
        with listening(lambda: None) as pass_on:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(0.01)
            seen.append(list(handled))
            if passes_on:
                pass_on()
                pass_on()
                seen.append(list(handled))

    asyncio.run(main())
    assert seen == ([[], [signal.SIGTERM]] if passes_on else [[]])
    assert handled == [signal.SIGTERM]


def test_signal_that_comes_twice_at_once_is_one(handled):
    """A service manager signals the group, and the parent in it signals its children again."""
    assert _listen(2) == ["ending"]
    assert handled == [signal.SIGTERM]


def test_handlers_of_asyncio_are_heard_too():
    """`loop.add_signal_handler` is what Hypercorn and Granian use."""
    heard: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, server.set)
        try:
            with listening(lambda: heard.append("ending")):
                signal.raise_signal(signal.SIGTERM)
                async with asyncio.timeout(30):
                    await server.wait()
                await asyncio.sleep(0)
        finally:
            loop.remove_signal_handler(signal.SIGTERM)

    asyncio.run(main())
    assert heard == ["ending"]


def test_default_of_the_system_is_left_alone():
    """Where nobody handles SIGTERM, a process must go on dying of it."""
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    async def main() -> Any:
        with listening(lambda: None):
            return signal.getsignal(signal.SIGTERM)

    assert asyncio.run(main()) is signal.SIG_DFL


def _pass_on(handler: Any, number: int, frame: Any) -> None:
    handler(number, frame)


def test_handler_that_came_later_is_not_removed(handled):
    """Whoever wrapped ours keeps its place, and ours still passes on."""

    async def main() -> Any:
        with listening(lambda: None):
            ours = signal.getsignal(signal.SIGTERM)
            signal.signal(signal.SIGTERM, partial(_pass_on, ours))
            return signal.getsignal(signal.SIGTERM)

    later = asyncio.run(main())
    assert signal.getsignal(signal.SIGTERM) is later
    signal.raise_signal(signal.SIGTERM)
    assert handled == [signal.SIGTERM]


def test_nothing_is_done_outside_the_main_thread(handled):
    """Python allows no handlers there."""
    before = signal.getsignal(signal.SIGTERM)
    seen: list[Any] = []

    async def main() -> None:
        with listening(lambda: None):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()
    assert seen == [before]


_SECOND = """
import asyncio, signal, sys
from rapide.lifecycle import signals

signals.SAME_REQUEST_SECONDS = 0.0
signal.signal(signal.SIGTERM, lambda number, frame: print("handled", flush=True))

async def main():
    with signals.listening(lambda: None):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        print("still here", flush=True)

asyncio.run(main())
"""


def test_second_signal_ends_the_process():
    """It ends as if nobody had ever listened, even if the server has not heard of the first yet."""
    ended = subprocess.run(
        [sys.executable, "-c", _SECOND], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (-signal.SIGTERM, "")


def test_event_of_hypercorns_parent_is_heard(monkeypatch):
    """Its workers are told through an argument of their process."""
    event = threading.Event()
    monkeypatch.setattr(
        signals.multiprocessing.current_process(), "_kwargs", {"shutdown_event": event}, raising=False
    )

    async def main() -> None:
        async with asyncio.timeout(30):
            waiting = asyncio.create_task(signals.heard_from_parent())
            await asyncio.sleep(0)
            assert not waiting.done()
            event.set()
            await waiting

    asyncio.run(main())
