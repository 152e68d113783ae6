"""The decorators: written once, for routers and applications."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

from rapide.declare.defaults import UNSET
from rapide.declare.depends import Auth, Depends
from rapide.options import RouteOptions
from rapide.routing.frontends import Frontends

if TYPE_CHECKING:
    from rapide.frontends import CheckDirectory, Fallback

__all__ = ["Verbs"]

F = TypeVar("F", bound=Callable[..., Any])


def _only(method: str, options: RouteOptions) -> RouteOptions:
    return {**options, "methods": [method]}


class Verbs(ABC):
    """Decorators for path operations. Each returns the function unchanged, so that they stack."""

    @property
    def frontends(self) -> Frontends:
        """The frontends declared so far."""
        raise NotImplementedError

    @abstractmethod
    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[RouteOptions]) -> None:
        """Add a path operation."""

    @abstractmethod
    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        auth: Auth = UNSET,
    ) -> None:
        """Add a WebSocket endpoint."""

    def api_route(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer the methods given as `methods`, GET by default."""

        def register(function: F) -> F:
            self.add_api_route(path, function, **options)
            return function

        return register

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer GET requests."""
        return self.api_route(path, **_only("GET", options))

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer PUT requests."""
        return self.api_route(path, **_only("PUT", options))

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer POST requests."""
        return self.api_route(path, **_only("POST", options))

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer DELETE requests."""
        return self.api_route(path, **_only("DELETE", options))

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer OPTIONS requests."""
        return self.api_route(path, **_only("OPTIONS", options))

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer HEAD requests."""
        return self.api_route(path, **_only("HEAD", options))

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer PATCH requests."""
        return self.api_route(path, **_only("PATCH", options))

    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[F], F]:
        """Answer TRACE requests."""
        return self.api_route(path, **_only("TRACE", options))

    def websocket(
        self,
        path: str,
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        auth: Auth = UNSET,
    ) -> Callable[[F], F]:
        """Serve WebSocket connections. `auth` decides who may connect, as in `RouteOptions`."""

        def register(function: F) -> F:
            self.add_api_websocket_route(path, function, name=name, dependencies=dependencies, auth=auth)
            return function

        return register

    def frontend(
        self,
        path: str,
        *,
        directory: str | os.PathLike[str],
        fallback: Fallback = "auto",
        check_dir: CheckDirectory = "auto",
        auth: Auth = UNSET,
    ) -> None:
        """Serve the files of a directory below a path, wherever no route takes a request.

        `fallback` answers what is missing: "404.html" with status 404; "index.html" with 200 for clients that
        ask for a page, as single-page applications need; "auto" does the first of them that is there; None
        says 404. `check_dir` looks at the directory now (True), at requests only (False), or ("auto") now but
        with a mere warning while developing, that is with RAPIDE_ENV or FASTAPI_ENV set to "development". Of
        several frontends the one with the longest path answers. Dependencies of routers and inclusions run
        before a file is served, and `auth` before those; `public` serves it to everybody.

        Raises RouterError for a wrong path or fallback, FrontendError for a missing directory or fallback.
        """
        from rapide.frontends import declare_frontend, frontend_path  # noqa: PLC0415 -- few applications have one

        self.frontends.declare(frontend_path(path), declare_frontend(directory, fallback, check_dir), auth)
