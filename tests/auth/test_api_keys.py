"""API keys: shown once, kept as hashes, with owner, scopes and expiry."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Annotated, Any

import anyio
import pytest

import rapide
import rapide.fastapi
from rapide.auth import APIKey, APIKeyLogin, APIKeys, MemoryStore, VerifiedAPIKey
from rapide.testclient import TestClient

pytestmark = pytest.mark.anyio

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


async def test_a_key_is_verified(store: Any) -> None:
    """Owner, name, scopes and times come back; the key begins with the prefix."""
    api_keys = APIKeys(store, prefix="shop")
    text, made = await api_keys.create("1", name="Warehouse", scopes=["stock:write"])
    assert text.startswith("shop_")
    assert await api_keys.verify(text) == made
    assert (made.owner, made.name, made.scopes) == ("1", "Warehouse", ("stock:write",))
    assert made.expires_at is not None
    assert made.expires_at - made.created_at == timedelta(days=365)


async def test_keys_are_taken_back(store: Any) -> None:
    """One by its id, by its owner alone, or all of an owner."""
    api_keys = APIKeys(store)
    made = [await api_keys.create("ann", name=name) for name in ("a", "b", "c")]
    bobs, _ = await api_keys.create("bob", expires_in=None)
    assert [key.name for key in await api_keys.list_of("ann")] == ["a", "b", "c"]
    assert await api_keys.revoke(made[0][1].id, owner="bob") is False
    assert await api_keys.revoke(made[0][1].id, owner="ann") is True
    assert await api_keys.revoke(made[0][1].id, owner="ann") is False
    assert await api_keys.verify(made[0][0]) is None
    assert await api_keys.verify(made[1][0]) == made[1][1]
    assert await api_keys.revoke_all("ann") == 2
    assert await api_keys.list_of("ann") == []
    assert await api_keys.verify(made[2][0]) is None
    assert await api_keys.verify(bobs) is not None


@pytest.mark.row("AUT-10")
async def test_only_the_hash_is_kept() -> None:
    """Who reads the store cannot make a key of what he finds."""
    store = MemoryStore()
    text, made = await APIKeys(store).create("ann")
    kept = repr(store._spaces)
    assert made.id in kept
    assert text.rpartition("_")[2] not in kept
    assert text not in repr(made)


@pytest.mark.row("AUT-10")
async def test_unknown_ids_are_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id that does not exist costs the same comparison, in constant time, as a wrong secret."""
    from rapide.auth import api_keys as module

    compared: list[tuple[str, str]] = []

    def compare(left: str, right: str) -> bool:
        compared.append((left, right))
        return left == right

    monkeypatch.setattr(module, "constant_time_equal", compare)
    api_keys = APIKeys(MemoryStore())
    text, _ = await api_keys.create("ann")
    wrong = text[:-1] + ("0" if text[-1] != "0" else "1")
    unknown = f"rap_{secrets.token_hex(8)}_{secrets.token_hex(32)}"
    for key in (text, wrong, unknown):
        assert (await api_keys.verify(key) is not None) is (key == text)
    assert len(compared) == 3


@pytest.mark.row("AUT-10")
@pytest.mark.parametrize(
    "change",
    [
        lambda key: "",
        lambda key: key + "0",
        lambda key: key[:-1],
        lambda key: key.upper(),
        lambda key: key.replace("rap_", "shop_"),
        lambda key: key.replace("_", "-"),
        lambda key: key + "\n",
        lambda key: " " + key,
        lambda key: key * 1000,
        lambda key: "é" + key[1:],
    ],
)
async def test_other_texts_are_no_keys(change: Callable[[str], str]) -> None:
    """Every character counts, and nothing long is looked at."""
    api_keys = APIKeys(MemoryStore())
    text, _ = await api_keys.create("ann")
    assert await api_keys.verify(change(text)) is None


async def test_keys_expire() -> None:
    """After its time a key is unknown; one that is born expired is a mistake."""
    api_keys = APIKeys(MemoryStore())
    text, _ = await api_keys.create("ann", expires_in=timedelta(milliseconds=20))
    await anyio.sleep(0.03)
    assert await api_keys.verify(text) is None
    assert await api_keys.list_of("ann") == []
    with pytest.raises(ValueError, match="positive"):
        await api_keys.create("ann", expires_in=timedelta(0))


@pytest.mark.parametrize("prefix", ["", "A", "a", "1a", "a_b", "x" * 17, "é" * 3])
async def test_prefixes_that_would_confuse_are_refused(prefix: str) -> None:
    """Small letters and digits only."""
    with pytest.raises(ValueError, match="prefix"):
        APIKeys(MemoryStore(), prefix=prefix)


@pytest.mark.row("AUT-03", "AUT-09", "AUT-11")
@pytest.mark.parametrize("face", [rapide.Rapide, rapide.fastapi.FastAPI])
async def test_routes_are_guarded(face: Any) -> None:
    """401 with a challenge, 403 without the scope; a key is read from a header, and no address."""

    class Failing(MemoryStore):
        fails = False

        async def get(self, space: str, key: str) -> bytes | None:
            if self.fails:
                raise OSError("the store is away")
            return await super().get(space, key)

    store = Failing()
    api_keys = APIKeys(store)
    app = face()

    @app.get("/stock")
    async def read(key: Annotated[APIKey, VerifiedAPIKey(api_keys, scopes=["stock:read"])]) -> str:
        return key.owner

    @app.get("/guests")
    async def guests(
        key: Annotated[APIKey | None, VerifiedAPIKey(APIKeyLogin(api_keys, auto_error=False))],
    ) -> str:
        return key.owner if key else "nobody"

    good, _ = await api_keys.create("ann", scopes=["stock:read"])
    weak, _ = await api_keys.create("bob")
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/stock", headers={"X-API-Key": good}).json() == "ann"
    assert client.get("/stock", headers={"X-API-Key": weak}).status_code == 403
    for headers in ({}, {"X-API-Key": "x"}, {"X-API-Key": ""}, [("X-API-Key", good), ("X-API-Key", good)]):
        answer = client.get("/stock", headers=headers, params={"X-API-Key": good})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "APIKey")
    assert client.get("/guests").json() == "nobody"
    assert client.get("/guests", headers={"X-API-Key": "x"}).status_code == 401
    store.fails = True
    assert client.get("/guests", headers={"X-API-Key": good}).status_code == 500
    scheme = app.openapi()["components"]["securitySchemes"]["APIKeyLogin"]
    assert scheme == {"type": "apiKey", "in": "header", "name": "X-API-Key"}
