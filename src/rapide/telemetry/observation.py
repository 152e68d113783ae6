"""What observed handlers report, and to whom. Importing this module does not import OpenTelemetry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, TypeVar

__all__ = ["SCOPE_KEY", "UNOBSERVED", "Observation", "Operation", "observation_of"]

E = TypeVar("E", bound=Exception)
Operation = Literal["dependencies", "endpoint", "serialization", "background_task"]

# Whoever finds this key in the scope knows that the request is being recorded, or is not to be. The name is
# FastAPI's on both faces: other instrumentations look for it, and set it.
SCOPE_KEY = "fastapi.telemetry"

_NOTHING: AbstractContextManager[None] = nullcontext()


class Observation:
    """Takes the reports of a request that nobody records."""

    __slots__ = ()

    def route_matched(self, template: str) -> None:
        """Take the path of the route, from the innermost application on."""

    def mount_entered(self, template: str) -> None:
        """Take the path of a mount; what follows lies below it."""

    def connected(self, connection: Any) -> None:
        """Take the request or the WebSocket that the handler works with."""

    def reading(self) -> AbstractContextManager[None]:
        """Return what surrounds the parsing of the body."""
        return _NOTHING

    def body_read(self, body: Any) -> None:
        """Take the body before it is validated."""

    def solved(self, values: dict[str, Any], errors: Sequence[Any]) -> None:
        """Take the arguments of the endpoint, and what is wrong with the request."""

    def refused(self, error: E) -> E:
        """Take the error that answers a request that does not fit, and give it back."""
        return error

    def failed(self, error: BaseException) -> None:
        """Take an exception that no handler of the application takes."""

    def span(self, operation: Operation, function: str) -> AbstractContextManager[None]:
        """Return what surrounds an operation; `function` is the full name of the function that it is for."""
        return _NOTHING


UNOBSERVED = Observation()


def observation_of(scope: Mapping[str, Any]) -> Observation:
    """Return the observation of a connection."""
    found = scope.get(SCOPE_KEY)
    return found if isinstance(found, Observation) else UNOBSERVED
