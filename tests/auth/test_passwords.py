"""Passwords: Argon2id, length limits, absent users, new hashes for old ones."""

import threading
from typing import Any

import anyio
import pytest
from anyio import to_thread

from rapide.auth import PasswordError, Passwords, hash_password, verify_password
from rapide.errors import AuthDeclarationError

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """One with the parameters that everybody has."""
    return Passwords()


@pytest.mark.row("AUT-06")
async def test_hashes_are_argon2id_with_owasps_parameters(anyio_backend: object) -> None:
    """19 MiB, two iterations, one lane, and a salt of its own each time."""
    first, second = await hash_password("correct horse"), await hash_password("correct horse")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert await verify_password("correct horse", first)
    assert await verify_password("correct horse", second)
    assert not await verify_password("correct house", first)


@pytest.mark.row("AUT-06")
@pytest.mark.parametrize(
    "parameters", [{"memory_kib": 19_455}, {"time_cost": 1}, {"memory_kib": 7_168, "time_cost": 4}]
)
def test_weaker_parameters_refuse_to_start(anyio_backend: object, parameters: dict[str, int]) -> None:
    """Less work than OWASP asks for is a mistake with a code."""
    with pytest.raises(AuthDeclarationError) as caught:
        Passwords(**parameters)
    assert caught.value.code == "RAP501"


@pytest.mark.row("AUT-06")
async def test_hashes_are_replaced_when_parameters_rise(anyio_backend: object, passwords: Passwords) -> None:
    """The right password brings a new hash, once; a wrong one brings none."""
    stronger = Passwords(time_cost=3)
    old = await passwords.hash("correct horse")
    assert await stronger.verify_and_update("wrong", old) == (False, None)
    is_right, new = await stronger.verify_and_update("correct horse", old)
    assert is_right
    assert new is not None
    assert new.startswith("$argon2id$v=19$m=19456,t=3,p=1$")
    assert await stronger.verify_and_update("correct horse", new) == (True, None)


@pytest.mark.row("AUT-06")
async def test_hashing_happens_on_threads_of_its_own(anyio_backend: object, passwords: Passwords) -> None:
    """Neither the event loop nor the threads of endpoints compute hashes."""
    names: list[str] = []
    hash_sync = passwords._current.hash

    class Watching:
        def hash(self, password: bytes) -> str:
            names.append(threading.current_thread().name)
            return hash_sync(password)

    watched = Passwords()
    watched._current = Watching()  # type: ignore[assignment]
    await watched.hash("correct horse")
    assert names != [threading.current_thread().name]
    assert not names[0].startswith("rapide worker")


@pytest.mark.row("AUT-08")
async def test_hashing_takes_few_threads_and_no_others(anyio_backend: object) -> None:
    """A hundred logins at once run two at a time, and every other thread stays free."""
    passwords = Passwords(threads=2)
    running = most = 0
    lock = threading.Lock()
    pair = threading.Barrier(2)

    class Slow:
        def hash(self, password: bytes) -> str:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            pair.wait(20)
            borrowed.append(limiter.borrowed_tokens)
            with lock:
                running -= 1
            return ""

    passwords._current = Slow()  # type: ignore[assignment]
    borrowed: list[float] = []
    limiter = to_thread.current_default_thread_limiter()
    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(passwords.hash, "correct horse")
    assert borrowed == [0] * 100
    assert most == 2


@pytest.mark.row("AUT-07")
@pytest.mark.parametrize("length", [1, 64, 72, 73, 4096])
async def test_long_passwords_count_to_their_last_character(
    anyio_backend: object, passwords: Passwords, length: int
) -> None:
    """All of up to 4,096 bytes matter: nothing is cut."""
    hashed = await passwords.hash("x" * length)
    assert await passwords.verify("x" * length, hashed)
    assert not await passwords.verify("x" * (length - 1) + "y", hashed)
    assert not await passwords.verify("x" * (length + 1), hashed)


@pytest.mark.row("AUT-07")
@pytest.mark.parametrize("password", ["", "x" * 4097, "x" * 1_000_000, "ä" * 2049, "\ud800"])
async def test_impossible_passwords_are_refused_before_hashing(
    anyio_backend: object, passwords: Passwords, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty, too long or not text: an error when chosen, simply wrong when tried, and no work either way."""
    hashed = await passwords.hash("correct horse")

    def no_work(*_: Any) -> Any:
        raise AssertionError("it was hashed")

    monkeypatch.setattr(passwords, "_verify", no_work)
    with pytest.raises(PasswordError):
        await passwords.hash(password)
    assert await passwords.verify(password, hashed) is False
    assert await passwords.verify(password, None) is False


@pytest.mark.row("AUT-05")
async def test_absent_users_cost_one_hash_too(
    anyio_backend: object, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not exist, or has no usable password, takes as much work as a wrong password."""
    verified: list[str] = []
    verify = passwords._current.verify

    def count(password: bytes, hashed: str) -> bool:
        verified.append(hashed)
        return verify(password, hashed)

    monkeypatch.setattr(passwords._current, "verify", count)
    for hashed in (None, "", "!", "*LK*", "plain text", "$argon2id$broken"):
        assert await passwords.verify("correct horse", hashed) is False
    assert verified == [passwords._nobodys] * 6
    assert passwords._nobodys.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_both_ways_to_type_a_character_are_one_password(
    anyio_backend: object, passwords: Passwords
) -> None:
    """A letter with its accent apart is the letter with its accent."""
    assert await passwords.verify("cafe\u0301 noir", await passwords.hash("caf\u00e9 noir"))


# Made by the makers of the formats, or from the vectors of RFC 6070 and RFC 7914.
_SCRYPT_SUM = "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"
_FORMER = {
    "passlib pbkdf2-sha256": (
        "password",
        "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
    ),
    "passlib pbkdf2 sha1": ("password", "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE"),
    "django pbkdf2_sha1": ("password", "pbkdf2_sha1$4096$salt$SwB5AbdlSJq+rUnZJvch0GWkKcE="),
    "passlib scrypt": (
        "password",
        "$scrypt$ln=10,r=8,p=16$TmFDbA$" + _SCRYPT_SUM.replace("+", "."),
    ),
    "django scrypt": (
        "password",
        f"scrypt$NaCl$1024$8$16${_SCRYPT_SUM}==",
    ),
    "bcrypt": ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "django bcrypt": ("U*U", "bcrypt$$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
}


@pytest.mark.parametrize("former", _FORMER.values(), ids=_FORMER)
async def test_hashes_of_other_makers_are_verified_and_replaced(
    anyio_backend: object, passwords: Passwords, former: tuple[str, str]
) -> None:
    """Users who come from elsewhere log in with what they have, and get an Argon2id hash."""
    password, hashed = former
    assert await passwords.verify_and_update(password + "x", hashed) == (False, None)
    is_right, new = await passwords.verify_and_update(password, hashed)
    assert is_right
    assert new is not None
    assert new.startswith("$argon2id$")
    assert await passwords.verify(password, new)


async def test_djangos_argon2_and_bcrypt_sha256_are_verified(
    anyio_backend: object, passwords: Passwords
) -> None:
    """Django writes a word before Argon2's hash, and hashes before bcrypt."""
    import hashlib

    import bcrypt

    assert await passwords.verify("correct horse", "argon2" + await passwords.hash("correct horse"))
    digest = hashlib.sha256(b"correct horse").hexdigest().encode()
    hashed = "bcrypt_sha256$" + bcrypt.hashpw(digest, bcrypt.gensalt(4)).decode()
    assert await passwords.verify("correct horse", hashed)
    assert not await passwords.verify("correct house", hashed)


@pytest.mark.row("AUT-07")
async def test_bcrypt_does_not_cut(anyio_backend: object, passwords: Passwords) -> None:
    """A password whose first 72 bytes are right is wrong."""
    import bcrypt

    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert await passwords.verify("x" * 72, hashed)
    assert not await passwords.verify("x" * 73, hashed)


@pytest.mark.parametrize(
    "hashed",
    [
        "pbkdf2_sha256$99999999$salt$AAAA",
        "pbkdf2_sha256$0$salt$AAAA",
        "$scrypt$ln=40,r=8,p=1$TmFDbA$AAAA",
        "scrypt$NaCl$1023$8$16$AAAA",
        "$pbkdf2-sha256$1$a$A",
        "$2b$99$" + "a" * 53,
    ],
)
async def test_a_hash_that_cannot_be_is_wrong(
    anyio_backend: object, passwords: Passwords, hashed: str
) -> None:
    """Parameters out of all reason in the database neither raise nor hold up a thread."""
    assert await passwords.verify("password", hashed) is False


def test_scripts_hash_without_an_event_loop(passwords: Passwords) -> None:
    """A migration may hash where it is."""
    assert passwords.hash_sync("correct horse").startswith("$argon2id$")
