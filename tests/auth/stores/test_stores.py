"""The promises of `Store`, kept by each of its kinds on the real databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from rapide.auth import Store

pytestmark = pytest.mark.anyio

_HOUR = timedelta(hours=1)
_KINDS = [
    "memory",
    "sqlite",
    *(pytest.param(kind, marks=pytest.mark.services) for kind in ("postgresql", "mariadb", "redis")),
]


@pytest.fixture(scope="module", params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, object]]:
    """The event loops that the drivers of databases run on; trio is none of them."""
    return ("asyncio", {"use_uvloop": request.param})


@pytest.fixture(params=_KINDS)
async def store(request: pytest.FixtureRequest, open_store: Callable[[str], Any]) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    async with open_store(request.param) as opened:
        yield opened


async def test_get_returns_what_was_put(store: Store) -> None:
    """Any bytes come back as they were."""
    value = bytes(range(256)) * 300
    await store.put("space", "key", value, expires_in=_HOUR)
    assert await store.get("space", "key") == value


async def test_get_of_what_is_not_there_is_none(store: Store) -> None:
    """An absent entry is None, and neither taken, deleted nor replaced."""
    assert await store.get("space", "key") is None
    assert await store.take("space", "key") is None
    assert await store.delete("space", "key") is False
    assert await store.replace("space", "key", b"", b"new", expires_in=_HOUR) is False
    assert await store.get("space", "key") is None


async def test_names_are_exact(store: Store) -> None:
    """Case, accents, spaces at the end and the space tell entries apart."""
    names = ["a", "A", "a ", "á", "ä", "a:b", "%", "*"]
    for space in ("one", "two"):
        for name in names:
            await store.put(space, name, f"{space}/{name}".encode(), expires_in=None, group=name)
    for space in ("one", "two"):
        for name in names:
            assert await store.get(space, name) == f"{space}/{name}".encode()
            assert await store.keys_of(space, name) == [name]


@pytest.mark.parametrize("name", ["", "x" * 256, "a\x00b", "a\nb", "\ud800"])
async def test_names_that_a_database_would_change_are_refused(store: Store, name: str) -> None:
    """A name that is too long or holds a control character is the same error everywhere."""
    with pytest.raises(ValueError, match="printable"):
        await store.put("space", name, b"", expires_in=None)
    with pytest.raises(ValueError, match="printable"):
        await store.get("space", name)
    with pytest.raises(ValueError, match="printable"):
        await store.keys_of("space", name)
    with pytest.raises(ValueError, match="printable"):
        await store.put("space", "key", b"", expires_in=None, group=name)


async def test_longest_names_are_kept(store: Store) -> None:
    """255 characters of four bytes fit."""
    name = "\U0001f511" * 255
    await store.put("s" * 64, name, b"1", expires_in=None, group=name)
    assert await store.keys_of("s" * 64, name) == [name]
    assert await store.take("s" * 64, name) == b"1"


async def test_put_overwrites(store: Store) -> None:
    """The newest value counts, and the entry belongs to the newest group only."""
    await store.put("space", "key", b"1", expires_in=None, group="one")
    await store.put("space", "key", b"2", expires_in=None, group="two")
    assert await store.get("space", "key") == b"2"
    assert await store.delete_group("space", "one") == 0
    assert await store.keys_of("space", "two") == ["key"]
    await store.put("space", "key", b"3", expires_in=None)
    assert await store.delete_group("space", "two") == 0
    assert await store.get("space", "key") == b"3"


async def test_replace_needs_the_old_value(store: Store) -> None:
    """Only who knows the present value replaces it."""
    await store.put("space", "key", b"1", expires_in=_HOUR, group="group")
    assert await store.replace("space", "key", b"0", b"2", expires_in=_HOUR) is False
    assert await store.get("space", "key") == b"1"
    assert await store.replace("space", "key", b"1", b"2", expires_in=_HOUR) is True
    assert await store.get("space", "key") == b"2"
    assert await store.replace("space", "key", b"2", b"2", expires_in=_HOUR) is True
    assert await store.keys_of("space", "group") == ["key"]


async def test_take_gives_once(store: Store) -> None:
    """What was taken is gone, from its group, too."""
    await store.put("space", "key", b"1", expires_in=_HOUR, group="group")
    assert await store.take("space", "key") == b"1"
    assert await store.take("space", "key") is None
    assert await store.keys_of("space", "group") == []


async def test_delete_tells_whether_there_was_one(store: Store) -> None:
    """The second deletion finds nothing."""
    await store.put("space", "key", b"1", expires_in=None)
    assert await store.delete("space", "key") is True
    assert await store.delete("space", "key") is False


async def test_delete_group_removes_its_entries_only(store: Store) -> None:
    """Other groups, other spaces and entries without a group stay."""
    for key in ("b", "a", "c"):
        await store.put("space", key, b"", expires_in=_HOUR, group="ann")
    await store.put("space", "d", b"", expires_in=_HOUR, group="bob")
    await store.put("space", "e", b"", expires_in=_HOUR)
    await store.put("other", "a", b"", expires_in=_HOUR, group="ann")
    assert await store.keys_of("space", "ann") == ["a", "b", "c"]
    assert await store.delete_group("space", "ann") == 3
    assert await store.delete_group("space", "ann") == 0
    assert await store.get("space", "a") is None
    assert await store.get("space", "d") == await store.get("space", "e") == b""
    assert await store.keys_of("other", "ann") == ["a"]


@pytest.mark.parametrize("seconds", [0, -1])
async def test_what_has_expired_is_not_there(store: Store, seconds: int) -> None:
    """No method finds an entry whose time is over."""
    gone = timedelta(seconds=seconds)
    await store.put("space", "put", b"1", expires_in=gone, group="group")
    await store.put("space", "replaced", b"1", expires_in=None, group="group")
    assert await store.replace("space", "replaced", b"1", b"2", expires_in=gone) is True
    for key in ("put", "replaced"):
        assert await store.get("space", key) is None
        assert await store.replace("space", key, b"1", b"2", expires_in=_HOUR) is False
        assert await store.replace("space", key, b"2", b"2", expires_in=_HOUR) is False
        assert await store.take("space", key) is None
        assert await store.delete("space", key) is False
    assert await store.keys_of("space", "group") == []
    assert await store.delete_group("space", "group") == 0


async def test_entries_expire_by_themselves(store: Store) -> None:
    """Time alone removes an entry; one that is written anew has its new time."""
    short = timedelta(milliseconds=30)
    await store.put("space", "short", b"", expires_in=short, group="group")
    await store.put("space", "renewed", b"", expires_in=short, group="group")
    await store.put("space", "renewed", b"", expires_in=_HOUR, group="group")
    await store.put("space", "for ever", b"", expires_in=None, group="group")
    await asyncio.sleep(0.06)
    assert await store.get("space", "short") is None
    assert await store.keys_of("space", "group") == ["for ever", "renewed"]
    assert await store.delete_group("space", "group") == 2


async def test_take_has_one_winner(store: Store) -> None:
    """Of many who ask at once, exactly one gets the value."""
    for key in map(str, range(5)):
        await store.put("space", key, b"code", expires_in=_HOUR, group="group")
        taken = await asyncio.gather(*(store.take("space", key) for _ in range(8)))
        assert taken.count(None) == 7


async def test_replace_has_one_winner(store: Store) -> None:
    """Of many who know the old value at once, exactly one replaces it."""
    await store.put("space", "key", b"old", expires_in=_HOUR)
    won = await asyncio.gather(
        *(store.replace("space", "key", b"old", bytes([number]), expires_in=_HOUR) for number in range(8))
    )
    assert won.count(True) == 1
    assert await store.get("space", "key") == bytes([won.index(True)])


async def test_revocation_beats_renewal(store: Store) -> None:
    """What is removed while others replace it stays removed."""
    await store.put("space", "key", b"0", expires_in=_HOUR, group="group")

    async def renew() -> None:
        for _ in range(20):
            value = await store.get("space", "key")
            if value is not None:
                await store.replace("space", "key", value, value + b"0", expires_in=_HOUR)

    await asyncio.gather(renew(), renew(), store.delete_group("space", "group"))
    assert await store.get("space", "key") is None
    assert await store.keys_of("space", "group") == []


async def test_many_writers_at_once_all_arrive(store: Store) -> None:
    """Concurrent writes of different keys are all there."""
    await asyncio.gather(
        *(store.put("space", str(n), b"", expires_in=_HOUR, group="group") for n in range(20))
    )
    assert len(await store.keys_of("space", "group")) == 20
