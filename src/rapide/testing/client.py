"""Requests to an application from tests that are coroutines."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from starlette.testclient import WebSocketDenialResponse
from starlette.types import ASGIApp

from rapide.testing._httpx import httpx
from rapide.testing.lifespan import Lifespan, LifespanNotEnteredWarning, has_lifespan
from rapide.testing.scope import ScopeOptions, make_scope
from rapide.testing.transport import AppTransport
from rapide.testing.websocket import AsyncWebSocketTestSession

if TYPE_CHECKING:
    from httpx2._types import CookieTypes, HeaderTypes, QueryParamTypes, TimeoutTypes

__all__ = ["AsyncTestClient"]

_SCHEMES = {"http": "ws", "https": "wss"}
_HANDSHAKE = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "testserver==",
    "sec-websocket-version": "13",
}


class AsyncTestClient(httpx.AsyncClient):
    """Sends requests to an application that runs in the event loop of the test: asyncio, uvloop or Trio.

    As an `async with` block it runs the application's lifespan, in the same event loop: what the lifespan
    opens can be used by the test, and the other way round. `app_state` is the state that the lifespan
    yields.

        async with AsyncTestClient(app) as client:
            response = await client.get("/items/1")
            assert response.status_code == 200

    The methods are those of httpx2's `AsyncClient`: `get`, `post`, `stream`, `sse` and so on. Requests and
    responses stream: with `stream()` the parts of a response can be read while the application still sends,
    and leaving the block early is a client that has gone. Without it a response has been read, and all that
    the application does after it (background tasks) is done, when the call returns. Each request runs in a
    task of its own, with the test's context variables and none of its cancel scopes. Replacements of
    `app.override` in force where a request is made are in force for it.

    Options:

    * `base_url`: what relative addresses are relative to; default "http://testserver".
    * `raise_server_exceptions`: raise in the test what the application raises, also after its response;
      True by default. False gives the answer that a client would get.
    * `root_path`: the prefix that a proxy has removed; default "".
    * `headers`, `cookies`: sent with each request. The user agent is "testclient" unless given.
    * `follow_redirects`: True by default.
    * `client`: address and port that the application sees; default ("testclient", 50000).
    * `lifespan`: False leaves the application's lifespan alone.
    * `timeout`: seconds to wait each time for something of the application: its start, the beginning of a
      response, the next part of it, a message, its end; default 30. None waits for ever. Any of httpx2's
      forms; of those only the limit for reading counts.

    `grace` is the time in seconds that an application has to notice that its client has left before it is
    cancelled; default 0.5.

    Entering the client raises what the lifespan raises, and TimeoutError. Requests raise httpx2's exceptions:
    ReadTimeout, and RemoteProtocolError when a response breaks off and exceptions are not raised. Requests
    of a client that was not entered work, without the lifespan: a LifespanNotEnteredWarning says so when
    there is one.
    """

    __test__ = False  # for pytest: not a class of tests

    def __init__(  # noqa: PLR0913 -- the options of a client
        self,
        app: ASGIApp,
        *,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        headers: HeaderTypes | None = None,
        cookies: CookieTypes | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] | None = ("testclient", 50000),
        lifespan: bool = True,
        timeout: TimeoutTypes = 30.0,
    ) -> None:
        self.app = app
        self.app_state: dict[str, Any] = {}
        self._options = ScopeOptions(root_path, client, self.app_state)
        self._raise = raise_server_exceptions
        self._app_transport = AppTransport(
            app, self._options, raise_server_exceptions=raise_server_exceptions, grace=0.5
        )
        self._wants_lifespan = lifespan
        self._lifespan: Lifespan | None = None
        sent = httpx.Headers(headers)
        sent.setdefault("user-agent", "testclient")
        super().__init__(
            base_url=base_url,
            headers=sent,
            cookies=cookies,
            follow_redirects=follow_redirects,
            timeout=timeout,
            transport=self._app_transport,
        )

    @property
    def grace(self) -> float:
        """Seconds that an application has to notice that its client has left."""
        return self._app_transport.grace

    @grace.setter
    def grace(self, seconds: float) -> None:
        self._app_transport.grace = seconds

    # -------------------------------------------------------------------------------- the lifespan

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        if self._wants_lifespan:
            self._wants_lifespan = False  # no more warnings
            self._lifespan = Lifespan(self.app, self.app_state)
            try:
                await self._lifespan.start(self.timeout.read)
            except BaseException:
                await super().__aexit__()
                raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        try:
            await super().__aexit__(exc_type, exc_value, traceback)
        finally:
            if self._lifespan is not None:
                await self._lifespan.stop(self.timeout.read)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; see httpx2."""
        self._warn_of_lifespan(stacklevel=5)  # the caller of get(), post() and the like
        return await super().send(request, **options)

    def _warn_of_lifespan(self, *, stacklevel: int) -> None:
        if self._wants_lifespan:
            self._wants_lifespan = False  # said once
            if has_lifespan(self.app):
                warnings.warn(
                    "The application has a lifespan that does not run: enter the client with "
                    "`async with AsyncTestClient(app) as client:`, or give it lifespan=False.",
                    LifespanNotEnteredWarning,
                    stacklevel=stacklevel,
                )

    # -------------------------------------------------------------------------------- WebSockets

    @asynccontextmanager
    async def websocket_connect(
        self,
        url: str,
        subprotocols: Sequence[str] | None = None,
        *,
        params: QueryParamTypes | None = None,
        headers: HeaderTypes | None = None,
    ) -> AsyncIterator[AsyncWebSocketTestSession]:
        """Open a WebSocket connection for an `async with` block, and close it with code 1000 at its end.

        `url` may be relative. Raises WebSocketDisconnect when the application refuses the connection, its
        subclass WebSocketDenialResponse when it does so with a response, TimeoutError, and what the
        application raises.
        """
        self._warn_of_lifespan(stacklevel=4)
        request = self.build_request("GET", url, params=params, headers=headers)
        request.url = request.url.copy_with(scheme=_SCHEMES.get(request.url.scheme, request.url.scheme))
        request.headers.update(_HANDSHAKE)
        if subprotocols is not None:
            request.headers["sec-websocket-protocol"] = ", ".join(subprotocols)
        session = AsyncWebSocketTestSession(
            self.app,
            make_scope("websocket", request, self._options),
            limit=self.timeout.read,
            raise_server_exceptions=self._raise,
        )
        try:
            await self._begin(session, request)
            yield session
        finally:
            await session.end(self.grace)

    async def _begin(self, session: AsyncWebSocketTestSession, request: httpx.Request) -> None:
        """Wait for the answer to a handshake, and keep its cookies."""
        try:
            await session.begin()
        except WebSocketDenialResponse as response:
            response.request = request
            self.cookies.extract_cookies(response)
            raise
        answer = httpx.Response(101, headers=session.extra_headers, request=request)
        self.cookies.extract_cookies(answer)
