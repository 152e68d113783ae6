"""The names that every handler may use."""

from __future__ import annotations

from typing import Any

from anyio import CancelScope
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from rapide._codegen import with_builtins
from rapide._outgoing import FOR_PAGES, NO_STORE, NOSNIFF, keep_private
from rapide._run.body import receive_body, requested_body
from rapide._run.call import call_limited
from rapide._run.forms import close_form, read_form, texts_of
from rapide._run.json_body import holds_long_integer, is_json, is_modest, is_plain_json, load_body
from rapide._run.leaving import Postbox, while_client_waits
from rapide._run.respond import (
    JSON_TYPE,
    checked_response,
    encode_exact,
    encode_fastapi,
    injected_response,
    is_buffered,
    send_body,
    send_protected,
    send_reply,
)
from rapide._run.sockets import CheckedWebSocket
from rapide._run.sources import MISSING, Sources
from rapide._run.stack import enter_async, enter_sync, leave_sync, unwind, unwind_failed
from rapide._run.threads import adopt, in_thread, thread_context
from rapide._run.values import cookies_of, headers_of, query_lists_of, query_of, single_query_of
from rapide.background import BackgroundTasks, ChainedBackgroundTasks
from rapide.encoders import jsonable_encoder
from rapide.inputs.exact import Invalid, invalid_request, invalid_socket, read_again, read_exactly
from rapide.outputs.base import make_reply, merge_into
from rapide.security.scopes import SecurityScopes

__all__ = ["HANDLER_NAMES", "RESERVED_NAMES"]

_OURS: dict[str, Any] = {
    "BackgroundTasks": BackgroundTasks,
    "CancelScope": CancelScope,
    "ChainedBackgroundTasks": ChainedBackgroundTasks,
    "CheckedWebSocket": CheckedWebSocket,
    "Invalid": Invalid,
    "JSON_TYPE": JSON_TYPE,
    "MISSING": MISSING,
    "Postbox": Postbox,
    "Request": Request,
    "Response": Response,
    "SecurityScopes": SecurityScopes,
    "Sources": Sources,
    "WebSocket": WebSocket,
    "adopt": adopt,
    "call_limited": call_limited,
    "close_form": close_form,
    "cookies_of": cookies_of,
    "encode_exact": encode_exact,
    "encode_fastapi": encode_fastapi,
    "enter_async": enter_async,
    "enter_sync": enter_sync,
    "headers_of": headers_of,
    "holds_long_integer": holds_long_integer,
    "in_thread": in_thread,
    "FOR_PAGES": FOR_PAGES,
    "NOSNIFF": NOSNIFF,
    "NO_STORE": NO_STORE,
    "checked_response": checked_response,
    "injected_response": injected_response,
    "invalid_request": invalid_request,
    "invalid_socket": invalid_socket,
    "is_buffered": is_buffered,
    "is_json": is_json,
    "is_modest": is_modest,
    "is_plain_json": is_plain_json,
    "jsonable_encoder": jsonable_encoder,
    "keep_private": keep_private,
    "leave_sync": leave_sync,
    "load_body": load_body,
    "make_reply": make_reply,
    "merge_into": merge_into,
    "query_lists_of": query_lists_of,
    "query_of": query_of,
    "single_query_of": single_query_of,
    "read_again": read_again,
    "read_exactly": read_exactly,
    "read_form": read_form,
    "receive_body": receive_body,
    "requested_body": requested_body,
    "send_body": send_body,
    "send_protected": send_protected,
    "send_reply": send_reply,
    "texts_of": texts_of,
    "thread_context": thread_context,
    "unwind": unwind,
    "while_client_waits": while_client_waits,
    "unwind_failed": unwind_failed,
}
HANDLER_NAMES = with_builtins(_OURS)

# Names that the text of a handler uses, besides those above, for its own variables.
RESERVED_NAMES = frozenset(_OURS) | frozenset(
    [
        "scope", "receive", "send", "path", "query", "query_lists", "headers", "cookies", "raw", "failed",
        "data", "texts", "body", "request", "websocket", "response", "background", "result", "reply",
        "content", "context", "late", "early", "answered", "observed", "guard_late", "guard_early", "exc",
    ]
)  # fmt: skip
