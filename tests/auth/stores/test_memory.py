"""What only the store in memory promises."""

import threading
from datetime import timedelta

import anyio
import pytest

from rapide.auth import MemoryStore


async def test_a_full_space_loses_its_oldest_entry(anyio_backend: object) -> None:
    """One entry more pushes out the one that was written longest ago, and touches no other space."""
    store = MemoryStore(max_entries=2)
    await store.put("other", "a", b"", expires_in=None)
    for key in ("a", "b", "c"):
        await store.put("space", key, b"", expires_in=None, group="group")
    assert await store.keys_of("space", "group") == ["b", "c"]
    assert await store.get("other", "a") == b""


async def test_a_full_space_loses_what_has_expired_first(anyio_backend: object) -> None:
    """While something has expired, nothing that lives has to go."""
    store = MemoryStore(max_entries=2)
    await store.put("space", "lives", b"", expires_in=None)
    await store.put("space", "expired", b"", expires_in=timedelta(0))
    await store.put("space", "new", b"", expires_in=None)
    assert await store.get("space", "lives") == b""
    assert await store.get("space", "new") == b""


async def test_closing_forgets_everything(anyio_backend: object) -> None:
    """After aclose nothing is left."""
    store = MemoryStore()
    await store.put("space", "key", b"", expires_in=None, group="group")
    await store.aclose()
    assert await store.get("space", "key") is None
    assert await store.keys_of("space", "group") == []


def test_a_store_without_room_is_refused() -> None:
    """max_entries below one is an error."""
    with pytest.raises(ValueError, match="max_entries"):
        MemoryStore(max_entries=0)


def test_take_has_one_winner_among_threads() -> None:
    """Event loops on several threads share a store, and one of them gets the entry."""
    store = MemoryStore()
    won: list[bytes] = []
    barrier = threading.Barrier(4)

    async def run() -> None:
        for number in range(200):
            await store.put("space", str(number), b"1", expires_in=None, group="group")
            barrier.wait()
            value = await store.take("space", str(number))
            if value is not None:
                won.append(value)
            barrier.wait()

    threads = [threading.Thread(target=anyio.run, args=(run,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 200
    assert store._groups == {}


pytestmark = pytest.mark.anyio
