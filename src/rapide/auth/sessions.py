# ruff: noqa: SLF001 -- a session and what keeps it are one machine in two classes
"""Sessions that are kept on the server; the browser has a random number in a cookie, and nothing else.

`request.session` is a dict as Starlette's is, and knows a few words more: `login`, `logout`, `rotate`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide.auth.cookies import SafeCookie
from rapide.auth.csrf import CSRFPolicy, make_token, offer_token, token_is_valid
from rapide.auth.opaque import generate_secret, hash_secret
from rapide.auth.refusals import refuse
from rapide.auth.stores.base import Store
from rapide.errors import AccessError

__all__ = ["Session", "SessionMiddleware", "SessionTooLargeError", "Sessions"]

_SPACE = "sessions"
# A session in use is written again when this part of its idle time has passed: not with every request.
_TOUCH_AFTER = 0.05
_LONGEST_ID = 64
_MOST_ATTEMPTS = 10


class SessionTooLargeError(ValueError):
    """What a session would hold is more than it may."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A session as the store has it. Times are seconds since 1970."""

    user: str | None
    created: float
    seen: float
    data: dict[str, Any]

    @classmethod
    def read(cls, raw: bytes) -> _Record:
        held = json.loads(raw)
        return cls(held["user"], held["created"], held["seen"], held["data"])

    def written(self) -> bytes:
        held = {"user": self.user, "created": self.created, "seen": self.seen, "data": self.data}
        return json.dumps(held, separators=(",", ":")).encode("utf-8")


class Session(dict[str, Any]):
    """What a visitor has on the server. Keys are texts, values what JSON can hold.

    Changes are kept when the response begins, those inside of values too. A new session is kept, and its
    cookie sent, when something is in it. An emptied one is taken back.

    Attributes:
        user: Who is logged in, as `login` was told; None for nobody.
    """

    def __init__(self, id_: str | None = None, raw: bytes | None = None) -> None:
        record = _Record.read(raw) if raw is not None else None
        super().__init__(record.data if record else {})
        self.user: str | None = record.user if record else None
        self._id = id_
        self._raw = raw
        self._record = record
        self._renewed = False
        self._ended = False
        self._accessed = False
        self._wants_id = False

    def mark_accessed(self) -> None:
        """Note that the answer depends on the session; `request.session` does it."""
        self._accessed = True

    def login(self, user: str) -> None:
        """Let the session belong to `user` from now on, under a new id, without what another user left in it.

        Raises:
            ValueError: `user` is empty.
        """
        if not user:
            raise ValueError("a user has an id that is not empty")
        if self.user not in {None, user}:
            self.clear()
        self.user = user
        self._ended = False
        self.rotate()

    def rotate(self) -> None:
        """Give the session a new id. Call it whenever its user may do more than before; `login` does it."""
        self._accessed = True
        self._renewed = True

    def logout(self) -> None:
        """End the session: its data is removed, here and in the store, and the cookie is taken back."""
        self._accessed = True
        self.clear()
        self.user = None
        self._renewed = False
        self._ended = True

    @property
    def csrf_token(self) -> str:
        """A new token against forged requests; it is good for as long as the session has this id."""
        self._accessed = True
        if self._id is None or self._renewed:
            if not self._wants_id:
                self._id_to_be = generate_secret()
                self._wants_id = True
            return make_token(self._id_to_be)
        return make_token(self._id)

    _id_to_be = ""

    def _new_id(self) -> str:
        return self._id_to_be if self._wants_id else generate_secret()


class Sessions:
    """The sessions of an application, and their rules.

    Args:
        store: Where they are kept, by the hash of their id.
        idle: How long a session lives that nobody uses.
        absolute: How long one lives at most.
        max_size: Bytes of data, as JSON, that one may hold.

    Raises:
        AccessError: a time or the size is not positive, or `idle` is longer than `absolute`.
    """

    def __init__(
        self,
        store: Store,
        *,
        idle: timedelta = timedelta(hours=8),
        absolute: timedelta = timedelta(days=7),
        max_size: int = 16 * 1024,
    ) -> None:
        if not timedelta() < idle <= absolute or max_size < 1:
            raise AccessError("RAP606", "A session needs 0 < idle <= absolute, and a max_size of at least 1")
        self._store = store
        self._idle = idle
        self.absolute = absolute
        self._max_size = max_size

    async def revoke(self, user: str) -> int:
        """End all sessions of a user, as after a change of the password; return how many there were."""
        return await self._store.delete_group(_SPACE, user)

    async def keys_of(self, user: str) -> list[str]:
        """Return the keys of a user's sessions, to be shown and given to `revoke_one`; they open nothing."""
        return await self._store.keys_of(_SPACE, user)

    async def revoke_one(self, user: str, key: str) -> bool:
        """End one session of a user by its key, and tell whether it was there."""
        return key in await self.keys_of(user) and await self._store.delete(_SPACE, key)

    # ------------------------------------------------------------------------------------- of the middleware

    async def load(self, id_: str | None) -> Session:
        """Return the session of an id from a cookie: a new one where there is none, or it has ended.

        Ids that we have not given out are never taken over. Errors of the store pass.
        """
        if id_ is None or not 0 < len(id_) <= _LONGEST_ID:
            return Session()
        raw = await self._store.get(_SPACE, hash_secret(id_))
        return Session() if raw is None or self._left(_Record.read(raw)) <= 0 else Session(id_, raw)

    def _left(self, record: _Record) -> float:
        """Return the seconds that a session has left if nobody uses it."""
        now = time.time()
        return min(
            record.seen + self._idle.total_seconds() - now,
            record.created + self.absolute.total_seconds() - now,
        )

    async def save(self, session: Session) -> str | None:
        """Keep what has changed. Returns the id for the cookie: "" to take it back, None to leave it.

        A session that somebody else has ended meanwhile stays ended, whatever this request has put into it.

        Raises:
            SessionTooLargeError: it holds more than `max_size`.
            TypeError, ValueError: it holds what JSON cannot.
        """
        if session._id is None:
            return await self._begin(session) if self._is_worth_keeping(session) else None
        if session._ended or not self._is_worth_keeping(session):
            return await self._end(session)
        if session._renewed:
            return await self._renew(session)
        return await self._update(session)

    @staticmethod
    def _is_worth_keeping(session: Session) -> bool:
        return bool(session) or session.user is not None or session._wants_id

    async def _begin(self, session: Session) -> str:
        now = time.time()
        await self._put(session, _Record(session.user, now, now, self._data_of(session)))
        assert session._id is not None  # noqa: S101 -- just put there
        return session._id

    async def _renew(self, session: Session) -> str:
        """Give a session a new id: the old one ends first, so that at no moment both open it."""
        data = self._data_of(session)
        assert session._id is not None  # noqa: S101 -- asked before
        old = await self._store.take(_SPACE, hash_secret(session._id))
        record = session._record
        same_user = record is not None and record.user == session.user
        if old is None and same_user:
            return self._forget(session)
        now = time.time()
        created = record.created if record is not None and same_user else now
        await self._put(session, _Record(session.user, created, now, data))
        return session._id

    async def _put(self, session: Session, record: _Record) -> None:
        id_ = session._new_id()
        raw = record.written()
        expires_in = timedelta(seconds=self._left(record))
        await self._store.put(_SPACE, hash_secret(id_), raw, expires_in=expires_in, group=record.user)
        session._id, session._raw, session._record = id_, raw, record
        session._renewed = session._wants_id = False

    async def _end(self, session: Session) -> str:
        assert session._id is not None  # noqa: S101 -- asked before
        await self._store.delete(_SPACE, hash_secret(session._id))
        return self._forget(session)

    @staticmethod
    def _forget(session: Session) -> str:
        session.clear()
        session._id = session._raw = session._record = session.user = None
        session._renewed = session._ended = session._wants_id = False
        return ""

    async def _update(self, session: Session) -> str | None:
        """Write changes, and now and then that it is in use. Of two requests at once the later one wins."""
        data = self._data_of(session)
        record, raw = session._record, session._raw
        assert session._id is not None  # noqa: S101 -- asked before
        assert record is not None  # noqa: S101 -- it has an id
        assert raw is not None  # noqa: S101 -- it has an id
        now = time.time()
        changed = data != _Record.read(raw).data
        if not changed and now - record.seen < self._idle.total_seconds() * _TOUCH_AFTER:
            return None
        for _ in range(_MOST_ATTEMPTS):
            new = _Record(record.user, record.created, now, data if changed else record.data)
            expires_in = timedelta(seconds=self._left(new))
            written = new.written()
            if await self._store.replace(
                _SPACE, hash_secret(session._id), raw, written, expires_in=expires_in
            ):
                session._raw, session._record = written, new
                return None
            current = await self._store.get(_SPACE, hash_secret(session._id))
            if current is None:
                return self._forget(session)
            raw, record = current, _Record.read(current)
        raise RuntimeError("a session changed too often while it was being written")

    def _data_of(self, session: Session) -> dict[str, Any]:
        text = json.dumps(session, separators=(",", ":"), allow_nan=False)
        if len(text.encode("utf-8")) > self._max_size:
            raise SessionTooLargeError(f"a session holds at most {self._max_size} bytes")
        data: dict[str, Any] = json.loads(text)
        return data


class SessionMiddleware:
    """ASGI middleware: `request.session` from the server's own store, protected against forged requests.

    The cookie is `__Host-session`, with `Secure`, `HttpOnly` and `SameSite`. Answers that depend on the
    session say `Vary: Cookie` and are stored nowhere. Where the store fails, the request fails: nobody is
    taken for a stranger, or for a user, by mistake.

    Args:
        app: The application.
        sessions: The sessions and their rules.
        cookie: The name of the cookie without its prefix.
        same_site: "lax" or "strict".
        persistent: Whether the browser keeps the cookie when it is closed, up to the absolute end.
        csrf: What may change something; None turns the protection off.
        development: Whether plain http on localhost gets a cookie without `Secure`.

    Raises:
        AccessError: the cookie cannot be named so.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: Sessions,
        cookie: str = "session",
        same_site: Literal["lax", "strict"] = "lax",
        persistent: bool = False,
        csrf: CSRFPolicy | None = CSRFPolicy(),  # noqa: B008 -- it is never changed
        development: bool = False,
    ) -> None:
        self.app = app
        self._sessions = sessions
        self._cookie = SafeCookie(cookie, development=development, same_site=same_site)
        self._max_age = int(sessions.absolute.total_seconds()) if persistent else None
        self._csrf = csrf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection with its session, or refuse it with 403."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        id_ = self._cookie.read(scope)
        admitted: Receive | None = receive
        if self._csrf is not None:
            admitted = await self._csrf.admit(
                scope,
                receive,
                has_cookie=id_ is not None,
                is_valid=lambda token: id_ is not None and token_is_valid(token, id_),
            )
        if admitted is None:
            await refuse(scope, receive, send, 403)
            return
        session = scope["session"] = await self._sessions.load(id_)
        offer_token(scope, lambda: session.csrf_token)
        started = False

        async def send_with_cookie(message: Message) -> None:
            nonlocal started
            if not started and message["type"] in {"http.response.start", "websocket.accept"}:
                started = True
                message.setdefault("headers", [])
                await self._finish(scope, session, MutableHeaders(raw=message["headers"]))
            await send(message)

        await self.app(scope, admitted, send_with_cookie)
        if started and session._id is not None:
            # What came after the headers: data of streams, and of WebSockets. A new id would be nobody's.
            session._renewed = False
            await self._sessions.save(session)

    async def _finish(self, scope: Scope, session: Session, headers: MutableHeaders) -> None:
        id_ = await self._sessions.save(session)
        if id_ is not None:
            written = (
                self._cookie.written(scope, id_, max_age=self._max_age)
                if id_
                else self._cookie.removed(scope)
            )
            headers.append("set-cookie", written)
        if id_ is not None or session._accessed:
            headers.add_vary_header("Cookie")
            if not _stays_private(headers):
                headers["cache-control"] = "no-store"


def _stays_private(headers: Mapping[str, str]) -> bool:
    directives = {part.strip().lower() for part in headers.get("cache-control", "").split(",")}
    return "no-store" in directives or ("private" in directives and "public" not in directives)
