"""What only the store in Redis promises."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from rapide.auth import RedisStore

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The client knows asyncio only."""
    return "asyncio"


def test_a_client_that_decodes_is_refused() -> None:
    """Values are bytes: a client that makes text of them is an error at start."""
    with pytest.raises(ValueError, match="decode_responses"):
        RedisStore(Redis(decode_responses=True))


async def test_a_server_that_is_away_raises() -> None:
    """No answer is an error, and never "not there"."""
    store = RedisStore("redis://127.0.0.1:9/0")
    with pytest.raises(RedisConnectionError):
        await store.get("space", "key")
    with pytest.raises(RedisConnectionError):
        await store.take("space", "key")
    await store.aclose()


@pytest.mark.services
async def test_groups_leave_nothing_behind(open_store: Callable[[str], Any]) -> None:
    """A group lives as long as its last entry, and goes with it."""
    async with open_store("redis") as store:
        hour = timedelta(hours=1)
        name = store._group_names("space", "group")[0]
        await store.put("space", "a", b"", expires_in=hour, group="group")
        assert 0 < await store.client.pttl(name) <= 3_600_000
        await store.put("space", "b", b"", expires_in=None, group="group")
        assert await store.client.pttl(name) == -1
        await store.delete("space", "b")
        await store.delete("space", "a")
        assert await store.client.exists(name) == 0


@pytest.mark.services
async def test_expired_keys_leave_their_group(open_store: Callable[[str], Any]) -> None:
    """A group of somebody who logs in every day does not grow for ever."""
    async with open_store("redis") as store:
        name = store._group_names("space", "group")[0]
        await store.client.zadd(name, {"expired": 1})
        await store.put("space", "new", b"", expires_in=timedelta(hours=1), group="group")
        assert await store.client.zrange(name, 0, -1) == [b"new"]
