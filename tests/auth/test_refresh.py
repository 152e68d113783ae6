"""Refresh tokens: used once; a second use ends the family; what is taken back stays so."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from rapide.auth import Grant, InvalidGrantError, MemoryStore, RefreshTokens
from rapide.errors import AuthDeclarationError

pytestmark = pytest.mark.anyio

_GRANT = Grant(subject="1", login="ann", scopes=("books:read",), client_id="app")
_KINDS = [
    "memory",
    "sqlite",
    *(pytest.param(kind, marks=pytest.mark.services) for kind in ("postgresql", "mariadb", "redis")),
]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """The drivers of databases know asyncio only."""
    return "asyncio"


@pytest.fixture(params=_KINDS)
async def store(request: pytest.FixtureRequest, open_store: Callable[[str], Any]) -> AsyncIterator[Any]:
    """An empty store of each kind."""
    async with open_store(request.param) as opened:
        yield opened


async def _refused(refresh: RefreshTokens, token: str, client_id: str | None = "app") -> None:
    with pytest.raises(InvalidGrantError):
        await refresh.exchange(token, client_id=client_id)


async def test_each_exchange_gives_the_next_token(store: Any) -> None:
    """What was granted at login comes back every time, and every token is another."""
    refresh = RefreshTokens(store)
    tokens = [await refresh.start(_GRANT)]
    for _ in range(5):
        grant, following = await refresh.exchange(tokens[-1], client_id="app")
        assert grant == _GRANT
        tokens.append(following)
    assert len(set(tokens)) == 6


async def test_a_second_use_ends_the_family(store: Any) -> None:
    """Whether the thief or the victim comes second: the newest token of the family is void, too."""
    refresh = RefreshTokens(store)
    first = await refresh.start(_GRANT)
    _, second = await refresh.exchange(first, client_id="app")
    _, third = await refresh.exchange(second, client_id="app")
    other = await refresh.start(_GRANT)
    await _refused(refresh, first)
    await _refused(refresh, third)
    await _refused(refresh, second)
    await refresh.exchange(other, client_id="app")


async def test_another_client_ends_the_family(store: Any) -> None:
    """A token that was given to one client is not taken from another, or from nobody in particular."""
    refresh = RefreshTokens(store)
    for client_id in ("other", None):
        token = await refresh.start(_GRANT)
        await _refused(refresh, token, client_id)
        await _refused(refresh, token)


async def test_logging_out_ends_the_family(store: Any) -> None:
    """An old token of the family will do; a stranger's text does nothing."""
    refresh = RefreshTokens(store)
    first, other = await refresh.start(_GRANT), await refresh.start(_GRANT)
    _, second = await refresh.exchange(first, client_id="app")
    assert await refresh.revoke("nonsense") is False
    assert await refresh.revoke(first) is True
    assert await refresh.revoke(first) is False
    await _refused(refresh, second)
    await refresh.exchange(other, client_id="app")


async def test_logging_out_everywhere_ends_all_families_of_a_user(store: Any) -> None:
    """Of this user, and of no other; those that are named stay."""
    refresh = RefreshTokens(store)
    mine = [await refresh.start(_GRANT) for _ in range(3)]
    bobs = await refresh.start(Grant(subject="2", login="bob"))
    assert await refresh.revoke_all("1", except_for=[mine[0]]) == 2
    await _refused(refresh, mine[1])
    _, mine[0] = await refresh.exchange(mine[0], client_id="app")
    assert await refresh.revoke_all("1") == 1
    await _refused(refresh, mine[0])
    await refresh.exchange(bobs)


@pytest.mark.parametrize(
    "token",
    ["", ".", "a.b", "x" * 66, "x" * 22 + "." + "y" * 43, "x" * 10_000, "é" * 22 + "." + "y" * 43, "\x00"],
)
async def test_what_is_no_token_is_refused(token: str) -> None:
    """Empty, malformed, oversized and unknown ones are all the same."""
    await _refused(RefreshTokens(MemoryStore()), token)


async def test_a_store_that_is_read_by_others_gives_nothing_away() -> None:
    """No token, and no name of a key, can be made of what is kept."""
    store = MemoryStore()
    token = await RefreshTokens(store).start(_GRANT)
    kept = repr(store._spaces) + repr(store._groups)
    for part in token.split("."):
        assert part not in kept


async def test_tokens_expire() -> None:
    """One that nobody uses ends after the idle time; a family ends some time after the login, used or not."""
    hour, short = timedelta(hours=1), timedelta(milliseconds=50)
    for options in ({"idle": short, "lifetime": hour}, {"idle": hour, "lifetime": short}):
        refresh = RefreshTokens(MemoryStore(), **options)
        _, token = await refresh.exchange(await refresh.start(_GRANT), client_id="app")
        await anyio.sleep(0.06)
        await _refused(refresh, token)


@pytest.mark.parametrize(
    "options",
    [
        {"lifetime": timedelta(0)},
        {"idle": timedelta(0)},
        {"reuse_leeway": timedelta(seconds=61)},
        {"reuse_leeway": timedelta(seconds=-1)},
    ],
)
async def test_times_out_of_bounds_refuse_to_start(options: dict[str, timedelta]) -> None:
    """With a code."""
    with pytest.raises(AuthDeclarationError, match="RAP505"):
        RefreshTokens(MemoryStore(), **options)


async def test_within_the_leeway_a_second_use_is_only_refused(store: Any) -> None:
    """Two windows of one browser refresh at once: one wins, the other is told no, and the family lives."""
    refresh = RefreshTokens(store, reuse_leeway=timedelta(seconds=60))
    first = await refresh.start(_GRANT)
    _, second = await refresh.exchange(first, client_id="app")
    await _refused(refresh, first)
    _, third = await refresh.exchange(second, client_id="app")
    await _refused(refresh, first)  # not the one before: that is a theft
    await _refused(refresh, third)


async def test_of_many_at_once_one_wins(store: Any) -> None:
    """And since all others were second, the family has ended."""
    refresh = RefreshTokens(store)
    token = await refresh.start(_GRANT)
    won: list[str] = []

    async def race() -> None:
        try:
            won.append((await refresh.exchange(token, client_id="app"))[1])
        except InvalidGrantError:
            return

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(race)
    assert len(won) == 1
    await _refused(refresh, won[0])


@pytest.mark.row("AUT-11")
async def test_a_failing_store_fails_closed() -> None:
    """Nobody gets a token that was not written down, and nobody is told that a revocation worked."""

    class Failing(MemoryStore):
        async def replace(self, *args: Any, **kwargs: Any) -> bool:
            raise OSError("the store is away")

        async def delete(self, *args: Any) -> bool:
            raise OSError("the store is away")

    refresh = RefreshTokens(Failing())
    token = await refresh.start(_GRANT)
    for call in (refresh.exchange(token, client_id="app"), refresh.revoke(token)):
        with pytest.raises(OSError, match="away"):
            await call
    unknown = f"{secrets.token_urlsafe(16)}.{secrets.token_urlsafe(32)}"
    await _refused(refresh, unknown)
