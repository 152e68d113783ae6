"""One exchange with a handler: everything that a client, a server's log and the called functions see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import anyio
from oracle_functions import Log, show
from oracle_requests import Sent

from rapide.behaviour import Behaviour
from rapide.exceptions import RequestValidationError, ResponseValidationError
from rapide.problems import default_handlers
from rapide.routing.boundary import Boundary

_REQUEST_ID = re.compile(rb'"request_id":"[0-9a-f]*"')


@dataclass
class Answer:
    """What came of a request."""

    messages: list[Any] = field(default_factory=list)
    raised: Any = None
    events: list[Any] = field(default_factory=list)


def _handlers(behaviour: Behaviour, log: Log) -> dict[Any, Any]:
    """Return the handlers of an application, the one for bad requests with a look at the exception."""
    handlers = default_handlers(behaviour)
    inner = handlers[RequestValidationError]

    async def look(request: Any, exc: RequestValidationError) -> Any:
        log.add("invalid", show(exc.errors()), show(exc.body), exc.endpoint_ctx)
        return await inner(request, exc)

    return {**handlers, RequestValidationError: look}


def _describe(exc: BaseException) -> Any:
    if isinstance(exc, ResponseValidationError):
        return "ResponseValidationError", show(exc.errors()), show(exc.body), exc.endpoint_ctx
    return type(exc).__name__, str(exc)


async def exchange(handler: Any, sent: Sent, behaviour: Behaviour, log: Log) -> Answer:
    """Send a request to a handler inside the boundary that applications put around it."""
    log.clear()
    answer = Answer()
    handlers = _handlers(behaviour, log)
    server_error = handlers.pop(Exception, None)
    app = Boundary(handler, handlers, server_error=server_error)
    chunks = list(sent.chunks)
    done = anyio.Event()

    async def receive() -> dict[str, Any]:
        if chunks:
            body = chunks.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(chunks) or sent.leaves}
        if not sent.leaves:
            await done.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        log.add("sent", message["type"])
        if "body" in message:  # each failure has a number of its own
            message = {**message, "body": _REQUEST_ID.sub(rb'"request_id":""', message["body"])}
        answer.messages.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/x",
        "raw_path": b"/x",
        "root_path": "",
        "query_string": sent.query,
        "headers": [(b"host", b"testserver"), *sent.headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "path_params": dict(sent.path_params),
    }
    with anyio.fail_after(20):
        try:
            await app(scope, receive, send)
        except Exception as exc:  # noqa: BLE001 -- whatever gets out is part of the answer
            answer.raised = _describe(exc)
    answer.events = log.events
    return answer
