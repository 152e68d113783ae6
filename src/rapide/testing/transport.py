"""From the HTTP client library to the application: requests and responses that stream both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.types import ASGIApp

from rapide.testing._httpx import httpx
from rapide.testing.exchange import Exchange, IncompleteResponseError
from rapide.testing.scope import ScopeOptions, make_scope

__all__ = ["AppTransport"]


class AppTransport(httpx.AsyncBaseTransport):
    """Sends requests to an application, each in a task of its own.

    `grace` is how many seconds an application has to end after its client has left early.
    """

    def __init__(
        self, app: ASGIApp, options: ScopeOptions, *, raise_server_exceptions: bool, grace: float
    ) -> None:
        self.grace = grace
        self._app = app
        self._options = options
        self._raise = raise_server_exceptions
        self._open: set[Exchange] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return its response as soon as it has begun.

        Raises what the application raises, unless that is turned off; ReadTimeout when it takes too long.
        """
        if request.url.scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol(
                f"{request.url} is no HTTP address. For WebSockets, call websocket_connect().",
                request=request,
            )
        exchange = Exchange(self._app, make_scope("http", request, self._options), _body_of(request))
        self._open.add(exchange)
        limit = _limit_of(request)
        try:
            await exchange.begin(limit)
        except TimeoutError as exc:
            await self._close(exchange, limit)
            message = f"The application did not answer within {limit} seconds"
            raise httpx.ReadTimeout(message, request=request) from exc
        except BaseException:
            await exchange.close(limit, self.grace)
            self._open.discard(exchange)
            raise
        if exchange.status is not None:
            return self._response(exchange, exchange.status, request)
        await self._close(exchange, limit)
        if self._raise:
            raise RuntimeError("The application ended without sending a response")
        return httpx.Response(500, request=request)

    def _response(self, exchange: Exchange, status: int, request: httpx.Request) -> httpx.Response:
        stream = _ResponseBody(self, exchange, request)
        response = httpx.Response(status, headers=exchange.headers, stream=stream, request=request)
        response.extensions["http_version"] = b"HTTP/1.1"
        if exchange.trailers is not None:
            response.extensions["http.response.trailers"] = exchange.trailers
        if exchange.debug is not None:
            response.extensions["http.response.debug"] = exchange.debug
            for name in ("template", "context"):
                if name in exchange.debug:
                    setattr(response, name, exchange.debug[name])
        return response

    async def _close(self, exchange: Exchange, limit: float | None) -> None:
        """End an exchange; raises what went wrong in the application, or in the source of the body."""
        error = await exchange.close(limit, self.grace)
        self._open.discard(exchange)
        if error is not None and (self._raise or error is exchange.upload_error):
            raise error

    async def finish(self, exchange: Exchange, request: httpx.Request) -> None:
        """End an exchange whose response has been read, or is not wanted any more."""
        limit = _limit_of(request)
        await self._close(exchange, limit)
        if exchange.late:
            message = f"The application still ran {limit} seconds after its response"
            raise httpx.ReadTimeout(message, request=request)

    async def aclose(self) -> None:
        """Leave all responses that nobody closed."""
        exchanges = list(self._open)
        self._open.clear()
        errors = [await exchange.close(self.grace, self.grace) for exchange in exchanges]
        if self._raise and any(errors):
            raise next(filter(None, errors))


class _ResponseBody(httpx.AsyncByteStream):
    """The body of a response, piece by piece as the application sends it."""

    def __init__(self, transport: AppTransport, exchange: Exchange, request: httpx.Request) -> None:
        self._transport = transport
        self._exchange = exchange
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        limit = _limit_of(self._request)
        while True:
            try:
                piece = await self._exchange.next_piece(limit)
            except TimeoutError as exc:
                message = f"The application sent nothing for {limit} seconds"
                raise httpx.ReadTimeout(message, request=self._request) from exc
            except IncompleteResponseError as exc:
                await self.aclose()
                message = "The application ended before its response did"
                raise httpx.RemoteProtocolError(message, request=self._request) from exc
            if piece is None:
                return
            yield piece

    async def aclose(self) -> None:
        await self._transport.finish(self._exchange, self._request)


def _body_of(request: httpx.Request) -> bytes | httpx.AsyncByteStream:
    try:
        return request.content
    except httpx.RequestNotRead:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            raise TypeError("A body that is sent in pieces must come from an async iterator") from None
        return request.stream


def _limit_of(request: httpx.Request) -> float | None:
    limits: dict[str, float | None] = request.extensions.get("timeout", {})
    return limits.get("read")
