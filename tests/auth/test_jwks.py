"""The key sets of others: bounded, throttled, and kept while they cannot be read."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from rapide.auth import InvalidTokenError, Key, Keys, RemoteKeys, Tokens
from rapide.errors import AuthDeclarationError

# On trio httpx2 leaves a generator behind when an answer is not read to its end.
_UNREAD = pytest.mark.filterwarnings("ignore:Exception ignored in. <async_generator object PoolByteStream")
pytestmark = [pytest.mark.anyio, _UNREAD]

_NAMES = {"issuer": "https://id.example", "audience": "shop"}
_ALWAYS = timedelta(0)


class Provider:
    """A server that answers with what a test wants, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.url = ""
        self.answer: Callable[[], bytes] = lambda: b""

    def set_keys(self, *keys: Any) -> None:
        entries = [key.public_jwk() if isinstance(key, Key) else key for key in keys]
        self.answer = lambda: http(json.dumps({"keys": entries}).encode())

    async def handle(self, stream: SocketStream) -> None:
        async with stream:
            try:
                while b"\r\n\r\n" not in await stream.receive():
                    continue
                self.asked += 1
                await stream.send(self.answer())
            except (anyio.BrokenResourceError, anyio.EndOfStream):
                return


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """An answer on the wire."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])
    return head.encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def served() -> AsyncIterator[Provider]:
    """A provider on this machine."""
    provider = Provider()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    provider.url = f"http://127.0.0.1:{listener.listeners[0].extra(SocketAttribute.local_port)}/jwks.json"
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, provider.handle)
        yield provider
        tasks.cancel_scope.cancel()


def _issue(key: Key, subject: str = "ann") -> str:
    return Tokens(Keys(key), **_NAMES).issue(subject)


def _remote(provider: Provider, **options: Any) -> Tokens:
    return Tokens(RemoteKeys(provider.url, allow_http=True, **options), **_NAMES)


async def _refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(InvalidTokenError):
        await tokens.verify(token)


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "RS256", "PS256"])
async def test_tokens_of_a_provider_are_verified(anyio_backend: object, algorithm: str) -> None:
    """Its keys are read once, at the first token."""
    async with served() as provider:
        key = Key.generate(algorithm)
        provider.set_keys(Key.generate("ES256"), key)
        tokens = _remote(provider)
        assert (await tokens.verify(_issue(key))).sub == "ann"
        assert (await tokens.verify(_issue(key, "bob"))).sub == "bob"
        assert provider.asked == 1
        await _refused(tokens, _issue(Key.generate(algorithm)))
        with pytest.raises(TypeError, match="somebody else"):
            tokens.issue("ann")


@pytest.mark.row("JWT-08")
async def test_unknown_kids_cause_one_request(anyio_backend: object) -> None:
    """A thousand unknown keys within the interval are one look at the provider's set."""
    async with served() as provider:
        key = Key.generate()
        provider.set_keys(key)
        tokens = _remote(provider)
        for _ in range(1000):
            await _refused(tokens, _issue(Key.generate()))
        assert provider.asked == 1
        assert (await tokens.verify(_issue(key))).sub == "ann"
        assert provider.asked == 1


@pytest.mark.row("JWT-08")
async def test_many_first_tokens_cause_one_request(anyio_backend: object) -> None:
    """At start all wait for the one answer, and all are accepted."""
    async with served() as provider:
        key = Key.generate()
        provider.set_keys(key)
        tokens = _remote(provider)
        async with anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(tokens.verify, _issue(key))
        assert provider.asked == 1


@pytest.mark.row("JWT-08")
async def test_new_keys_are_found_and_removed_ones_forgotten(anyio_backend: object) -> None:
    """An unknown key makes the set be read again, and what is no longer in it is refused."""
    async with served() as provider:
        old, new = Key.generate(), Key.generate()
        provider.set_keys(old)
        tokens = _remote(provider, min_interval=_ALWAYS)
        await tokens.verify(_issue(old))
        provider.set_keys(new)
        assert (await tokens.verify(_issue(new))).sub == "ann"
        await _refused(tokens, _issue(old))


@pytest.mark.row("JWT-08")
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        http(b"", "500 Internal Server Error"),
        http(b"", "302 Found", "Location: https://evil.example/jwks.json"),
        http(b"[]"),
        http(b"{"),
        http(b'{"keys": []}'),
        http(b'{"keys": 3}'),
        http(b'{"keys": [1, null, {}, {"kty": "RSA"}, {"kty": "oct", "k": "AAAA"}]}'),
        http(b'{"keys": [' + b",".join([b"{}"] * 101) + b"]}"),
        http(b" " * 300_000),
        http(b"[" * 100_000),
        http(b"x", "200 OK", "Content-Encoding: gzip"),
    ],
    ids=lambda answer: ascii(answer[:16]) + str(len(answer)),
)
async def test_the_last_good_keys_stay(anyio_backend: object, answer: bytes) -> None:
    """An outage, a redirect, an error, nonsense and what is too large leave the keys as they were."""
    async with served() as provider:
        key = Key.generate()
        provider.set_keys(key)
        tokens = _remote(provider, lifetime=_ALWAYS, min_interval=_ALWAYS)
        await tokens.verify(_issue(key))
        provider.answer = lambda: answer
        assert (await tokens.verify(_issue(key))).sub == "ann"
        assert provider.asked == 2
        await _refused(tokens, _issue(Key.generate()))


@pytest.mark.row("JWT-08")
async def test_a_provider_that_is_away_refuses(anyio_backend: object) -> None:
    """Before the set was ever read nothing is accepted; and a provider that never answers is given up."""
    async with served() as provider:
        key = Key.generate()
        provider.answer = lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
        tokens = _remote(provider, timeout=timedelta(milliseconds=100), min_interval=_ALWAYS)
        await _refused(tokens, _issue(key))
    gone = Tokens(RemoteKeys("http://127.0.0.1:9/", allow_http=True), **_NAMES)
    await _refused(gone, _issue(key))


@pytest.mark.row("JWT-08")
async def test_fifty_megabytes_are_not_read(anyio_backend: object) -> None:
    """Reading ends with the largest set that is accepted."""
    async with served() as provider:
        provider.answer = lambda: http(b" " * 50_000_000)
        tokens = _remote(provider, timeout=timedelta(seconds=30))
        await _refused(tokens, _issue(Key.generate()))


@pytest.mark.row("JWT-02", "JWT-08")
async def test_keys_that_are_not_for_this_are_left_out(anyio_backend: object) -> None:
    """Secrets, private keys, keys for encryption and keys of other algorithms are not used."""
    async with served() as provider:
        secret, private, encrypting, other, good = (Key.generate() for _ in range(5))
        provider.set_keys(
            {"kty": "oct", "k": "A" * 43, "kid": secret.kid},
            {**(private.public_jwk() or {}), "d": "A" * 43},
            {**(encrypting.public_jwk() or {}), "use": "enc"},
            {**(other.public_jwk() or {}), "alg": "ES256"},
            {**(Key.generate().public_jwk() or {}), "kid": ["list"]},
            good,
        )
        tokens = _remote(provider)
        await tokens.verify(_issue(good))
        for key in (secret, private, encrypting, other):
            await _refused(tokens, _issue(key))
        rsa = Key.generate("RS256")
        provider.set_keys(rsa)
        await _refused(_remote(provider, algorithms=["ES256", "PS256"]), _issue(rsa))


@pytest.mark.row("JWT-08")
@pytest.mark.parametrize(
    "url",
    [
        "http://id.example/jwks.json",
        "file:///etc/passwd",
        "ftp://id.example/",
        "//id.example/",
        "id.example",
        "",
        "https://",
        "https://user:password@id.example/",
    ],
)
def test_only_https_is_read(url: str) -> None:
    """Other addresses refuse to start, with a code."""
    with pytest.raises(AuthDeclarationError) as caught:
        RemoteKeys(url)
    assert caught.value.code == "RAP506"
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("algorithms", [[], ["HS256"], ["none"], ["RS256", "HS256"]])
def test_algorithms_of_secrets_refuse_to_start(algorithms: list[str]) -> None:
    """The keys of others are public: what is signed with a secret is none of theirs."""
    with pytest.raises(AuthDeclarationError, match="RAP503"):
        RemoteKeys("https://id.example/jwks.json", algorithms=algorithms)
