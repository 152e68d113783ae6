"""The ready routes of users, over SQLite: what they do, what they tell, and what they do not."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped

from rapide import HTTPException, Rapide, Request
from rapide.auth import MemoryStore, SessionMiddleware, Sessions, SessionUser
from rapide.auth.attempts import Attempts
from rapide.auth.users import (
    EmailTakenError,
    InvalidCodeError,
    SQLUsers,
    UserColumns,
    UserMail,
    Users,
    users_router,
)
from rapide.auth.users.routes import ROUTES
from rapide.errors import AccessError
from rapide.testclient import TestClient

HOME = "https://shop.example"
PASSWORD = "correct horse battery"
OTHER = "staple magnet turnip"


class Base(DeclarativeBase):
    pass


class User(UserColumns, Base):
    __tablename__ = "users"

    nickname: Mapped[str | None]


class Shop:
    """An application with users, and what was mailed."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.engine: AsyncEngine = create_async_engine(f"sqlite+aiosqlite:///{folder}/users.db")
        self.mails: list[UserMail] = []
        self.store = MemoryStore()
        sessions = Sessions(self.store)
        router_options = {
            name: options.pop(name) for name in ("without", "limit", "log_in") if name in options
        }
        self.storage = SQLUsers(User, async_sessionmaker(self.engine, expire_on_commit=False))
        self.users = Users(
            self.storage,
            codes=self.store,
            send=options.pop("send", self._send),
            caller=SessionUser(),
            revoke=sessions.revoke,
            **options,
        )
        self.app = Rapide(auth=self.users.current)
        self.app.include_router(users_router(self.users, **router_options))
        self.app.add_middleware(SessionMiddleware, sessions=sessions)
        asyncio.run(self._create())
        self.client = self.browser()

    async def _create(self) -> None:
        async with self.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await self.engine.dispose()

    async def _send(self, mail: UserMail) -> None:
        self.mails.append(mail)

    def browser(self) -> TestClient:
        return TestClient(self.app, HOME, headers={"origin": HOME})

    def post(self, path: str, **body: str) -> Any:
        return self.client.post(f"/users{path}", json=body)

    def code(self) -> str:
        code = self.mails[-1].code
        assert code is not None
        return code

    def begin(self, email: str = "ada@example.com") -> None:
        """Register, prove the address, log in."""
        assert self.post("/register", email=email, password=PASSWORD).status_code == 202
        assert self.post("/verify", code=self.code()).status_code == 204
        assert self.post("/login", email=email, password=PASSWORD).status_code == 200


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with the usual options."""
    shop = Shop(tmp_path)
    yield shop
    asyncio.run(shop.engine.dispose())


def test_from_nothing_to_logged_in_and_out(shop: Shop) -> None:
    """Register, prove the address by the mail, log in, be known, log out."""
    assert shop.client.get("/users/me").status_code == 401
    shop.begin()
    assert [mail.kind for mail in shop.mails] == ["verify"]
    me = shop.client.get("/users/me").json()
    assert (me["email"], me["is_verified"]) == ("ada@example.com", True)
    assert shop.post("/logout").status_code == 204
    assert shop.client.get("/users/me").status_code == 401


def test_login_needs_a_proved_address(shop: Shop) -> None:
    """Before the proof a right password is answered like a wrong one."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    early = shop.post("/login", email="ada@example.com", password=PASSWORD)
    wrong = shop.post("/login", email="ada@example.com", password=OTHER)
    absent = shop.post("/login", email="bob@example.com", password=PASSWORD)
    assert early.status_code == wrong.status_code == absent.status_code == 401
    assert early.content == wrong.content == absent.content
    assert early.headers == wrong.headers == absent.headers
    assert "www-authenticate" in early.headers


@pytest.mark.row("AUT-05")
def test_absent_users_cost_as_much(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """AUT-05: login, registration and reset do the same work before they answer, whoever is known."""
    shop.begin()
    work: list[str] = []
    passwords = shop.users._passwords
    verify, hash_ = passwords._verify, passwords.hash_sync
    monkeypatch.setattr(passwords, "_verify", lambda *args: work.append("verify") or verify(*args))
    monkeypatch.setattr(passwords, "hash_sync", lambda *args: work.append("hash") or hash_(*args))
    done = []
    for email in ("ada@example.com", "bob@example.com"):
        work.clear()
        shop.post("/login", email=email, password=OTHER)
        shop.post("/register", email=email, password=PASSWORD)
        shop.post("/reset/request", email=email)
        done.append(list(work))
    assert done[0] == done[1] == ["verify", "hash"]


def test_answers_do_not_tell_who_is_known(shop: Shop) -> None:
    """Registration and requests for mail are answered alike; the owner of the address is told."""
    shop.begin()
    shop.client.cookies.clear()
    for path in ("/register", "/reset/request", "/verify/request"):
        answers = [
            shop.post(path, email=email, password=PASSWORD) for email in ("ada@example.com", "x@example.com")
        ]
        assert answers[0].status_code == answers[1].status_code == 202
        assert answers[0].content == answers[1].content
    kinds = [(mail.kind, mail.to) for mail in shop.mails[1:]]
    assert ("exists", "ada@example.com") in kinds
    assert ("reset", "x@example.com") in kinds  # it was registered by the first of the three


def test_addresses_are_compared_without_case(shop: Shop) -> None:
    """One person is not two."""
    shop.begin("Ada@Example.com")
    shop.post("/register", email="aDA@example.COM", password=PASSWORD)
    assert shop.mails[-1].kind == "exists"
    assert shop.post("/login", email=" ADA@EXAMPLE.com ", password=PASSWORD).status_code == 200


def test_reset_sets_a_password_and_ends_all_logins(shop: Shop) -> None:
    """The code is good once; sessions everywhere end; the user is told."""
    shop.begin()
    thief = shop.browser()
    thief.post("/users/login", json={"email": "ada@example.com", "password": PASSWORD})
    shop.post("/reset/request", email="ada@example.com")
    shop.post("/reset/request", email="ada@example.com")
    first, second = shop.mails[-2].code, shop.mails[-1].code
    assert shop.post("/reset", code=second, password="short").status_code == 422
    assert shop.post("/reset", code=second, password=OTHER).status_code == 204
    assert shop.mails[-1].kind == "changed"
    assert [client.get("/users/me").status_code for client in (shop.client, thief)] == [401, 401]
    for code in (first, second):
        assert shop.post("/reset", code=code, password=PASSWORD).status_code == 403
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 401
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 200


def test_reset_proves_the_address(shop: Shop) -> None:
    """Who got the mail owns the address: nobody who registered with somebody else's keeps the account."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    shop.post("/reset/request", email="ada@example.com")
    shop.post("/reset", code=shop.code(), password=OTHER)
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 200


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "x" * 5000, "\u00e9", "../../x"])
def test_wrong_codes_are_refused(shop: Shop, code: str) -> None:
    """Whatever the code, nothing happens, and nothing is told."""
    statuses = {
        shop.post("/verify", code=code).status_code,
        shop.post("/reset", code=code, password=OTHER).status_code,
    }
    assert statuses == ({422} if len(code) > 64 else {403})


def test_codes_are_for_one_thing_and_for_a_time(tmp_path: Path) -> None:
    """A code that proves the address sets no password, and none lives for ever."""
    shop = Shop(tmp_path, verify_within=timedelta(microseconds=1))
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    assert shop.post("/verify", code=shop.code()).status_code == 403
    shop.post("/reset/request", email="ada@example.com")
    assert shop.post("/verify", code=shop.code()).status_code == 403
    assert shop.post("/reset", code=shop.code(), password=OTHER).status_code == 204


def test_codes_are_hashed_at_rest(shop: Shop) -> None:
    """Who reads the store cannot take over an account."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    assert shop.code() not in repr(shop.store._spaces)
    assert shop.code() not in repr(shop.mails[-1])


def test_password_is_changed_by_who_knows_it(shop: Shop) -> None:
    """The old one is asked for; a weak new one is refused with a reason; all logins end."""
    shop.begin()
    wrong = shop.post("/me/password", old_password=OTHER, new_password=OTHER)
    assert wrong.status_code == 403
    weak = shop.post("/me/password", old_password=PASSWORD, new_password="ada@example.com")
    assert weak.status_code == 422
    assert "address" in weak.json()["detail"]
    assert shop.post("/me/password", old_password=PASSWORD, new_password=OTHER).status_code == 204
    assert shop.client.get("/users/me").status_code == 401
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 200


def test_a_new_address_is_proved_and_the_old_one_told(shop: Shop) -> None:
    """The password is asked again; nothing changes before the code from the new one; then the old is told."""
    shop.begin()
    shop.post("/reset/request", email="ada@example.com")
    reset = shop.code()
    assert shop.post("/me/email", email="ada@new.example", password=OTHER).status_code == 403
    assert shop.post("/me/email", email="Ada@New.example", password=PASSWORD).status_code == 202
    mail, code = shop.mails[-1], shop.code()
    assert (mail.kind, mail.to) == ("new_email", "ada@new.example")
    assert shop.client.get("/users/me").json()["email"] == "ada@example.com"
    for path in ("/verify", "/reset"):
        assert shop.post(path, code=code, password=OTHER).status_code == 403
    assert shop.browser().post("/users/email", json={"code": code}).status_code == 204
    assert shop.client.get("/users/me").json()["email"] == "ada@new.example"
    assert [(mail.kind, mail.to, mail.code) for mail in shop.mails[2:]] == [
        ("new_email", "ada@new.example", code),
        ("email_changed", "ada@example.com", None),
    ]
    assert shop.post("/email", code=code).status_code == 403
    assert shop.post("/reset", code=reset, password=OTHER).status_code == 403
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 401
    assert shop.post("/login", email="ada@new.example", password=PASSWORD).status_code == 200


def test_a_new_address_that_is_taken_tells_its_owner_alone(shop: Shop) -> None:
    """The answer is the same; and who takes it between the mail and the code keeps it."""
    shop.begin("bob@example.com")
    shop.begin()
    assert shop.post("/me/email", email="bob@example.com", password=PASSWORD).status_code == 202
    assert (shop.mails[-1].kind, shop.mails[-1].to) == ("exists", "bob@example.com")
    count = len(shop.mails)
    assert shop.post("/me/email", email="ada@example.com", password=PASSWORD).status_code == 202
    assert len(shop.mails) == count
    shop.post("/me/email", email="eve@example.com", password=PASSWORD)
    code = shop.code()
    shop.post("/register", email="eve@example.com", password=OTHER)
    assert shop.post("/email", code=code).status_code == 403
    assert shop.client.get("/users/me").json()["email"] == "ada@example.com"


def test_a_code_for_an_address_ends_with_the_one_before(shop: Shop) -> None:
    """Of two requests the first that is proved wins, and the other code is worth nothing."""
    shop.begin()
    shop.post("/me/email", email="one@example.com", password=PASSWORD)
    one = shop.code()
    shop.post("/me/email", email="two@example.com", password=PASSWORD)
    two = shop.code()
    assert shop.post("/email", code=one).status_code == 204
    assert shop.post("/email", code=two).status_code == 403
    assert shop.client.get("/users/me").json()["email"] == "one@example.com"


def test_a_stranger_who_registers_first_keeps_nothing(shop: Shop) -> None:
    """The owner of an address registers later, or asks for the mail again, and has the password alone."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    strangers = shop.code()
    shop.post("/register", email="ada@example.com", password=OTHER)
    assert [mail.kind for mail in shop.mails] == ["verify", "verify"]
    shop.post("/verify/request", email="ada@example.com")
    assert shop.post("/verify", code=shop.code()).status_code == 204
    assert shop.post("/verify", code=strangers).status_code == 403
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 401
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 200
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    assert shop.mails[-1].kind == "exists"
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 200


def test_a_stranger_who_registers_last_keeps_nothing_either(shop: Shop) -> None:
    """A mail proves the address for the password of its own registration."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    owners = shop.code()
    shop.post("/register", email="ada@example.com", password=OTHER)
    assert shop.post("/verify", code=owners).status_code == 204
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 401
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 200


def test_an_account_in_use_without_proof_is_not_taken_over(tmp_path: Path) -> None:
    """Where a proof is not asked for, registering again changes nothing."""
    shop = Shop(tmp_path, verified_only=False)
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    shop.post("/register", email="ada@example.com", password=OTHER)
    assert shop.mails[-1].kind == "exists"
    assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 401
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 200


@pytest.mark.row("AUT-13")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/me/password", {"old_password": OTHER, "new_password": OTHER}),
        ("/me/email", {"email": "x@example.com", "password": OTHER}),
        ("/me/delete", {"password": OTHER}),
        ("/me/deactivate", {"password": OTHER}),
    ],
)
def test_aut_13_a_stolen_session_guesses_no_password(tmp_path: Path, path: str, body: dict[str, str]) -> None:
    """AUT-13: where the password is asked again, attempts are counted too."""
    shop = Shop(tmp_path, attempts=Attempts(limit=3))
    shop.begin()
    assert [shop.post(path, **body).status_code for _ in range(4)] == [403, 403, 403, 429]
    assert shop.post("/me/delete", password=PASSWORD).status_code == 429


def test_nobody_is_flooded_with_mail(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Strangers may ask for mails to an address so often, and the answer is the same."""
    shop = Shop(tmp_path, attempts=Attempts(limit=3))
    shop.begin()
    shop.mails.clear()
    for path in ("/reset/request", "/register"):
        for _ in range(5):
            assert shop.post(path, email="ada@example.com", password=PASSWORD).status_code == 202
    assert [mail.kind for mail in shop.mails] == ["reset"] * 3 + ["exists"] * 3
    assert "too often" in caplog.text
    assert "ada@example.com" not in caplog.text


def test_who_has_no_code_makes_nobody_hash(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset without a good code costs no slow hash, and one with a weak password uses no code up."""
    monkeypatch.setattr(shop.users._passwords, "hash_sync", lambda _: pytest.fail("hashed"))
    assert shop.post("/reset", code="x" * 43, password=OTHER).status_code == 403


@pytest.mark.parametrize("way", ["deactivate", "delete"])
def test_leaving_ends_everything(shop: Shop, way: str) -> None:
    """The password is asked again; then nothing opens, no code either; a deleted address is free again."""
    shop.begin()
    shop.post("/reset/request", email="ada@example.com")
    code = shop.code()
    assert shop.post(f"/me/{way}", password=OTHER).status_code == 403
    assert shop.post(f"/me/{way}", password=PASSWORD).status_code == 204
    assert shop.client.get("/users/me").status_code == 401
    assert shop.post("/login", email="ada@example.com", password=PASSWORD).status_code == 401
    assert shop.post("/reset", code=code, password=OTHER).status_code == 403
    count = len(shop.mails)
    shop.post("/reset/request", email="ada@example.com")
    assert len(shop.mails) == count
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    assert shop.mails[-1].kind == ("exists" if way == "deactivate" else "verify")


def test_session_of_a_user_who_left_opens_nothing(shop: Shop) -> None:
    """A session is no proof by itself: the user behind it has to be there and active."""
    shop.begin()
    user = asyncio.run(shop.storage.find("ada@example.com"))
    assert user is not None
    asyncio.run(shop.storage.change(str(user.id), is_active=False))
    assert shop.client.get("/users/me").status_code == 401


@pytest.mark.row("AUT-13")
def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    """AUT-13: after too many attempts the right password waits too, with `Retry-After`."""
    shop = Shop(tmp_path, attempts=Attempts(limit=3))
    shop.begin()
    for _ in range(3):
        assert shop.post("/login", email="ada@example.com", password=OTHER).status_code == 401
    refused = shop.post("/login", email="ADA@example.com", password=PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0


def test_limit_stands_before_what_strangers_call(tmp_path: Path) -> None:
    """A limiter of the application's own is asked before any work is done."""

    async def limit(request: Request) -> None:
        raise HTTPException(429, headers={"Retry-After": "9"})

    shop = Shop(tmp_path, limit=limit)
    for path in ("/register", "/login", "/reset/request", "/reset", "/verify", "/verify/request", "/email"):
        assert shop.post(path, email="a@b.example", password=PASSWORD, code="x").status_code == 429
    assert shop.client.get("/users/me").status_code == 401


def test_mail_that_fails_changes_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The answer is on its way; the fault is in the log, without the code."""

    async def send(mail: UserMail) -> None:
        raise ConnectionError("no mail server")

    shop = Shop(tmp_path, send=send)
    assert shop.post("/register", email="ada@example.com", password=PASSWORD).status_code == 202
    assert "could not be sent" in caplog.text


def test_routes_can_be_replaced(tmp_path: Path) -> None:
    """What is left out is written by hand, on the same methods; the rest stays."""
    shop = Shop(tmp_path, without=["read_me", "register"])

    @shop.app.get("/users/me")
    async def me() -> str:
        return "mine"

    assert shop.post("/register", email="a@b.example", password=PASSWORD).status_code == 404
    asyncio.run(asyncio.run(shop.users.register("ada@example.com", PASSWORD))())
    shop.post("/verify", code=shop.code())
    shop.post("/login", email="ada@example.com", password=PASSWORD)
    assert shop.client.get("/users/me").json() == "mine"


def test_unknown_route_cannot_be_left_out(shop: Shop) -> None:
    """A misspelt name would leave a route open that is thought to be gone."""
    with pytest.raises(AccessError) as error:
        users_router(shop.users, without=["registr"])
    assert error.value.code == "RAP608"


def test_login_can_give_something_else(tmp_path: Path) -> None:
    """Tokens, for example; then there is no logout of sessions."""

    async def give(request: Request, user: User) -> dict[str, str]:
        return {"token": f"for {user.email}"}

    shop = Shop(tmp_path, log_in=give)
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    shop.post("/verify", code=shop.code())
    answer = shop.post("/login", email="ada@example.com", password=PASSWORD)
    assert answer.json() == {"token": "for ada@example.com"}
    assert shop.post("/logout").status_code == 404


@pytest.mark.row("CSR-03")
def test_nothing_changes_by_get(shop: Shop) -> None:
    """CSR-03: of all routes the one that reads is the only GET, and all are described."""
    methods = {route.name: route.methods for route in shop.app.routes if route.name in ROUTES}
    assert methods.keys() == ROUTES
    assert {name for name, verbs in methods.items() if verbs != {"POST"}} == {"read_me"}
    operations = shop.app.openapi()["paths"]
    assert "security" in operations["/users/me"]["get"]
    assert "security" not in operations["/users/login"]["post"]
    assert {entrance.access for entrance in shop.app.audit()} == {"guarded", "public"}


@pytest.mark.parametrize(
    "body",
    [
        {"email": "no address", "password": PASSWORD},
        {"email": "a@b", "password": PASSWORD},
        {"email": "a" * 300 + "@b.example", "password": PASSWORD},
        {"email": "a\nb@c.example", "password": PASSWORD},
        {"email": "a\x00b@c.example", "password": PASSWORD},
        {"email": "a\u202eb@c.example", "password": PASSWORD},
        {"email": "a,b@c.example", "password": PASSWORD},
        {"email": "a<b@c.example", "password": PASSWORD},
        {"email": "a@c.example>", "password": PASSWORD},
        {"email": "a@[127.0.0.1]", "password": PASSWORD},
        {"email": "\u0390" * 64 + "@" + "\u0390" * 60 + ".example", "password": PASSWORD},
        {"email": "a@b.example", "password": "x" * 5000},
        {"email": "a@b.example", "password": "\u20ac" * 2000},
        {"email": "a@b.example", "password": ""},
        {"email": "a@b.example", "password": "password1234"},
        {"email": "a@b.example"},
    ],
)
def test_bad_registrations_are_refused_without_echo(shop: Shop, body: dict[str, str]) -> None:
    """A clear 422 that shows no password."""
    response = shop.client.post("/users/register", json=body)
    assert response.status_code == 422
    assert not body.get("password") or body["password"] not in response.text


def test_account_for_the_flows(shop: Shop) -> None:
    """Password and code flow find the same users; who may not log in is not found."""
    shop.post("/register", email="ada@example.com", password=PASSWORD)
    assert asyncio.run(shop.users.find_account("ada@example.com")) is None
    shop.post("/verify", code=shop.code())
    account = asyncio.run(shop.users.find_account("ADA@example.com"))
    assert account is not None
    assert account.password_hash is not None
    assert asyncio.run(shop.users.find_account("bob@example.com")) is None


def test_storage_keeps_its_promises(shop: Shop) -> None:
    """Ids that are none find nobody, addresses are unique, and what is not there cannot be changed."""

    async def run() -> None:
        storage = shop.storage
        user = await storage.add("a@b.example", "hash")
        with pytest.raises(EmailTakenError):
            await storage.add("a@b.example", "hash")
        assert (user.is_active, user.is_verified, user.nickname) == (True, False, None)
        assert await storage.get("no id") is None
        changed = await storage.change(str(user.id), nickname="A")
        assert changed is not None
        assert changed.nickname == "A"
        assert await storage.remove(str(user.id)) is True
        assert await storage.remove(str(user.id)) is False
        assert await storage.change(str(user.id), nickname="B") is None
        one, two = await storage.add("c@d.example", "hash"), await storage.add("e@f.example", "hash")
        with pytest.raises(EmailTakenError):
            await storage.change(str(one.id), email=two.email)
        assert await storage.change(str(one.id), email=one.email) is not None
        with pytest.raises(InvalidCodeError):
            await shop.users.deactivate(user)
        await shop.engine.dispose()

    asyncio.run(run())
