"""The boundary around routes: every exception becomes the answer that a handler gives it.

One layer does what Starlette's `ServerErrorMiddleware` and `ExceptionMiddleware` do, without wrapping `send`:
handlers note in the scope when a response has begun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette._utils import is_async_callable
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from rapide._lanes import ANSWERS
from rapide._outgoing import keep_private, protect
from rapide._run.respond import (
    LOWEST_FINAL,
    PRIVATE,
    STARTED,
    checked,
    has_body,
    make_sendable,
    not_final,
    watched,
)
from rapide._run.threads import in_thread
from rapide.behaviour import FASTAPI, Behaviour
from rapide.exceptions import Disconnected, ResponseValidationError
from rapide.routing.body_limit import excess_in
from rapide.telemetry.observation import observation_of

__all__ = ["Boundary", "CheckedMiddleware", "NoRouteError", "OuterBoundary"]

Handlers = Mapping[Any, Callable[..., Any]]

# Handlers are asked for what was raised, and for what they raise. In Starlette they stand twice, too.
_ATTEMPTS = 2


class NoRouteError(HTTPException):
    """No route takes the request: 404.

    Without arguments, and so without work: it is raised for every stray request.
    """

    status_code = 404
    detail = "Not Found"
    headers = None

    def __init__(self) -> None:
        pass


class Boundary(ServerErrorMiddleware):
    """Runs an application and answers what it raises.

    `handlers` are by status and class, `server_error` answers what none of them takes. `behaviour` says what
    protects them. With
    `answers_server_errors=False` such exceptions pass, for a boundary further out. They are raised again
    after the answer, so that servers log them.
    """

    def __init__(
        self,
        app: ASGIApp,
        handlers: Handlers,
        *,
        server_error: Callable[..., Any] | None = None,
        debug: bool = False,
        answers_server_errors: bool = True,
        behaviour: Behaviour = FASTAPI,
    ) -> None:
        self._app = app
        self._inner = ExceptionMiddleware(app, handlers=handlers, debug=debug)
        # Whoever takes a stack apart finds in `app` what stands inside Starlette's own outermost middleware.
        super().__init__(self._inner, handler=server_error, debug=debug)
        self._by_class = self._inner._exception_handlers
        self._by_status = self._inner._status_handlers
        self._tables = (self._by_class, self._by_status)
        self._answers_server_errors = answers_server_errors
        self._behaviour = behaviour
        self._not_found: tuple[Message, Message] | None = None
        self._router: Any = None
        # Each handler with whether it is asynchronous; by identity, since not every callable has a hash.
        self._asked: dict[int, tuple[Any, bool]] = {}
        for known in (*handlers.values(), server_error):
            self._is_async(known)

    def _is_async(self, handler: Any) -> bool:
        """Tell whether a handler is asynchronous; asked once, and not for each error."""
        known, answer = self._asked.get(id(handler), (None, False))
        if known is not handler:
            answer = is_async_callable(handler)
            self._asked[id(handler)] = handler, answer
        return answer

    def dispatch_directly_to(self, router: Any) -> None:
        """Ask the tables of `router`, whose `app` this boundary runs, without a detour for HTTP requests."""
        self._router = router

    def answer_not_found_with(self, response: Response) -> None:
        """Answer `NoRouteError` with a response made beforehand, instead of asking a handler each time."""
        self._not_found = (
            {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers},
            {"type": "http.response.body", "body": bytes(response.body)},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] == "http":
            scope["starlette.exception_handlers"] = self._tables
            router = self._router
            try:
                if router is None:
                    await self._app(scope, receive, send)
                else:
                    scope.setdefault("router", router)
                    dispatcher = router._dispatcher
                    await (router.dispatcher if dispatcher is None else dispatcher)(scope, receive, send)
            except Exception as exc:
                if type(exc) is NoRouteError and self._not_found is not None:
                    start, body = self._not_found
                    scope[STARTED] = True
                    await send({**start, "headers": [*start["headers"]]})
                    await send({**body})
                    return
                # No variable keeps what is raised: its traceback holds this frame, and only a collection
                # could free both, with all that the request holds.
                unanswered: list[Any] = [await self.answer(scope, receive, send, excess_in(exc) or exc)]
                if unanswered[0] is exc:
                    unanswered.clear()
                    raise  # from here, so that no frames of this class are added
                if unanswered[0] is not None:
                    raise unanswered.pop() from exc
        else:
            await self._serve_other(scope, receive, send)

    async def _serve_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for a WebSocket, or for its life."""
        if scope["type"] == "websocket":
            scope["starlette.exception_handlers"] = self._tables
            from rapide.lifecycle.sockets import serve_socket  # noqa: PLC0415 -- for those who have sockets

            limits: dict[str, Any] = {
                "max_size": self._behaviour.max_message_size,
                "timeout": self._behaviour.message_timeout,
            }
            await serve_socket(self._serve_handled, scope, receive, send, **limits)
        else:
            await self._app(scope, receive, send)

    async def _serve_handled(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = wrap_app_handling_exceptions(self._app, WebSocket(scope, receive, send))
        await app(scope, receive, send)

    def _handler_for(self, exc: Exception) -> Callable[..., Any] | None:
        if isinstance(exc, HTTPException):
            handler = self._by_status.get(exc.status_code)
            if handler is not None:
                return handler
        return next((self._by_class[cls] for cls in type(exc).__mro__ if cls in self._by_class), None)

    async def answer(self, scope: Scope, receive: Receive, send: Send, exc: Exception) -> Exception | None:
        """Answer an exception with what its handler makes of it.

        What a handler or its response raises is answered like what an endpoint raises, once. A client that
        has left amid its answer gets no other.
        Returns the exception that is to be raised again, because no handler takes it.
        """
        if isinstance(exc, ResponseValidationError):
            exc.place_below(scope.get("root_path", ""))
        if isinstance(exc, Disconnected) and STARTED in scope:
            return None
        for _ in range(_ATTEMPTS):
            handler = self._handler_for(exc)
            if handler is None:
                break
            if STARTED in scope:
                raise RuntimeError("Caught handled exception, but response already started.") from exc
            try:
                response = await self._called(handler, Request(scope, receive, send), exc)
                if response is not None:
                    await self._send(response, scope, receive, send)
            except Exception as raised:  # noqa: BLE001 -- whatever it is, it is answered
                if raised is exc:
                    break
                exc = raised
            else:
                # An exception object that is raised again and again would collect frames of every request.
                exc.__traceback__ = None
                return None
        await self._answer_server_error(scope, receive, send, exc)
        try:
            return exc
        finally:
            del exc  # the traceback of what a handler raised holds this frame

    async def _answer_server_error(self, scope: Scope, receive: Receive, send: Send, exc: Exception) -> None:
        if self._answers_server_errors:
            observation_of(scope).failed(exc)
            response = await self._server_error_response(Request(scope), exc)
            if STARTED not in scope:
                await self._send(response, scope, receive, send)

    async def _send(self, response: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what a handler of exceptions made; for Starlette any ASGI application is a response."""
        if isinstance(response, Response):
            make_sendable(response, scope, foreign=True)  # 408 and 413 end the connection
            if PRIVATE in scope:
                keep_private(response.raw_headers)
            if self._behaviour.strict_responses:
                if response.status_code < LOWEST_FINAL:
                    raise not_final(response.status_code)
                if has_body(response.status_code):
                    protect(response.raw_headers)
            if type(response).__call__ is Response.__call__:
                scope[STARTED] = True
                await response(scope, receive, send)
                return
        await response(scope, receive, watched(scope, send))

    async def _server_error_response(self, request: Request, exc: Exception) -> Response:
        if self.debug:
            return await in_thread(self.debug_response, request, exc, lane=ANSWERS)
        if self.handler is None:
            return self.error_response(request, exc)
        response: Response = await self._called(self.handler, request, exc)
        return response

    async def _called(self, handler: Callable[..., Any], request: Request, exc: Exception) -> Any:
        if self._is_async(handler):
            return await handler(request, exc)
        return await in_thread(handler, request, exc, lane=ANSWERS)


class CheckedMiddleware:
    """Runs middleware of the user's, and checks the headers that leave it."""

    def __init__(self, app: ASGIApp, *, protects: bool) -> None:
        self.app = app
        self._protects = protects

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the middleware."""
        if scope["type"] == "http":
            send = checked(scope, send, protects=self._protects)
        await self.app(scope, receive, send)


class OuterBoundary(ServerErrorMiddleware):
    """Runs middleware around a boundary, and lets the boundary's handlers answer what the middleware raises.

    What has begun to be answered is only raised again, for the server.
    """

    def __init__(self, app: ASGIApp, boundary: Boundary) -> None:
        super().__init__(app, handler=boundary.handler, debug=boundary.debug)
        self._boundary = boundary

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception as exc:
            if started:
                raise
            # An answer from further inside that the middleware has not let through is none.
            scope.pop(STARTED, None)
            # As in the boundary inside, no variable keeps what is raised.
            unanswered: list[Any] = [await self._boundary.answer(scope, receive, send, exc)]
            if unanswered[0] is exc:
                unanswered.clear()
                raise
            if unanswered[0] is not None:
                raise unanswered.pop() from exc
