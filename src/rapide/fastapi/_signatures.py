"""FastAPI's method signatures: which options a method takes, in which order, and that it takes no others."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from rapide.options import INCLUDE_DEFAULTS, ROUTE_DEFAULTS, keyword_signature, with_defaults

__all__ = [
    "ADD_ROUTE",
    "APP_INCLUDE",
    "APP_ROUTE",
    "BEYOND",
    "INCLUDE",
    "ROUTER_ROUTE",
    "VERB",
    "VERBS",
    "fastapis",
    "show_others",
    "shows",
    "takes",
]

F = TypeVar("F", bound=Callable[..., Any])

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_FIRST = (
    "response_model", "status_code", "tags", "dependencies", "summary", "description", "response_description",
    "responses", "deprecated",
)  # fmt: skip
_MIDDLE = (
    "operation_id", "response_model_include", "response_model_exclude", "response_model_by_alias",
    "response_model_exclude_unset", "response_model_exclude_defaults", "response_model_exclude_none",
    "include_in_schema", "response_class", "name",
)  # fmt: skip
_LAST = ("openapi_extra", "generate_unique_id_function")
_LIMITS = ("max_body_size", "form_limits")

# What methods take and FastAPI's do not. No signature shows it, and no route class is given it unasked.
BEYOND = (
    "allowed_hosts", "auth", "cancel_on_disconnect", "docs_dependencies", "public_url", "shutdown_grace",
    "timeout",
)  # fmt: skip

_KNOWN = {**ROUTE_DEFAULTS, "route_class_override": None}


def _options(*names: str) -> dict[str, Any]:
    return {name: _KNOWN[name] for name in names}


VERB = _options(*_FIRST, *_MIDDLE, "callbacks", *_LAST, *_LIMITS)
ROUTER_ROUTE = _options(*_FIRST, "methods", *_MIDDLE, "callbacks", *_LAST, *_LIMITS)
ADD_ROUTE = _options(
    *_FIRST, "methods", *_MIDDLE, "route_class_override", "callbacks", *_LAST, "strict_content_type", *_LIMITS
)
APP_ROUTE = _options(*_FIRST, "methods", *_MIDDLE, *_LAST, *_LIMITS)


def fastapis(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that FastAPI has, too."""
    return {name: default for name, default in options.items() if name not in BEYOND}


INCLUDE = fastapis(INCLUDE_DEFAULTS)
APP_INCLUDE = {
    name: INCLUDE_DEFAULTS[name]
    for name in (
        "prefix", "tags", "dependencies", "responses", "deprecated", "include_in_schema",
        "default_response_class", "callbacks", "generate_unique_id_function", *_LIMITS,
    )
}  # fmt: skip


def takes(options: Mapping[str, Any], *positional: str) -> Callable[[F], F]:
    """Let a method take these options and those of `BEYOND`, and get all of these, or their defaults.

    So what a subclass overrides sees every option, as it does in FastAPI.
    """

    def decorate(method: F) -> F:
        @wraps(method)
        def strict(self: Any, *args: Any, **given: Any) -> Any:
            named = {name: given.pop(name) for name in positional[len(args) :] if name in given}
            beyond = {name: given.pop(name) for name in BEYOND if name in given}
            name = f"{type(self).__name__}.{method.__name__}"
            return method(self, *args, **named, **with_defaults(given, options, name), **beyond)

        strict.__signature__ = keyword_signature(("self", *positional), options)  # type: ignore[attr-defined]  # shown by tools
        return strict  # type: ignore[return-value]  # the wrapper has the wrapped one's type

    return decorate


def shows(options: Mapping[str, Any], *positional: str) -> Callable[[F], F]:
    """Give a method that checks its options itself the signature for tools that look."""
    names: Sequence[str] = ("self", *positional)

    def decorate(method: F) -> F:
        @wraps(method)
        def shown(*args: Any, **given: Any) -> Any:
            return method(*args, **given)

        shown.__signature__ = keyword_signature(names, options)  # type: ignore[attr-defined]  # shown by tools
        return shown  # type: ignore[return-value]  # the wrapper has the wrapped one's type

    return decorate


def show_others(owner: type) -> None:
    """Give the methods that are inherited as they are, and take more than FastAPI's, FastAPI's signatures."""
    for name in ("websocket", "add_api_websocket_route", "frontend"):
        method = getattr(owner, name)
        signature = inspect.signature(method)
        parameters = [known for known in signature.parameters.values() if known.name not in BEYOND]
        method = shows({}, "path")(method)
        method.__signature__ = signature.replace(parameters=parameters)
        setattr(owner, name, method)
