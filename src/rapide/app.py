"""The application: the one place where the phases meet."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, Unpack

from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from rapide import problems
from rapide.app_options import APP_DEFAULTS, AppOptions, KeptOptions, check_options
from rapide.behaviour import RAPIDE, Behaviour
from rapide.declare.defaults import UNSET, Default
from rapide.declare.depends import Auth, Depends, asks
from rapide.logger import logger
from rapide.openapi.operation_ids import function_operation_id
from rapide.openapi.serve import OpenAPIDocument, make_document, rendered
from rapide.options import (
    IncludeOptions,
    RouteOptions,
    generate_unique_id,
    keyword_signature,
    with_defaults,
)
from rapide.routing import APIRoute, APIRouter, APIWebSocketRoute
from rapide.routing.admission import admission_of, refuse
from rapide.routing.body_limit import BodyLimit
from rapide.routing.boundary import Boundary, CheckedMiddleware, OuterBoundary
from rapide.routing.dispatch import mounted_apps
from rapide.routing.frontends import Frontends
from rapide.routing.lifespan import with_mounted
from rapide.routing.limits import check_max_body_size
from rapide.routing.overrides import ScopedOverrides, require_known
from rapide.routing.verbs import Verbs
from rapide.telemetry.application import ApplicationTelemetry
from rapide.telemetry.config import NAMES

if TYPE_CHECKING:
    from rapide import checks
    from rapide.audit import Entrance
    from rapide.docs import CdnPages

__all__ = ["Rapide"]

F = TypeVar("F", bound=Callable[..., Any])


_OF_THE_ROUTER = (
    "default_response_class", "dependencies", "callbacks", "deprecated", "include_in_schema", "responses",
    "generate_unique_id_function", "strict_content_type", "max_body_size", "form_limits", "auth", "timeout",
    "cancel_on_disconnect", "redirect_slashes", "on_startup", "on_shutdown", "lifespan",
)  # fmt: skip
_OF_STARLETTE = ("routes", "middleware", "exception_handlers", "on_startup", "on_shutdown", "lifespan")
# What belongs to the process that serves, and to no copy.
_OF_A_SERVER = {"middleware_stack": None, "active_connections": 0, "when_idle": None}


class Rapide(KeptOptions, Verbs, Starlette):
    """An application. `AppOptions` lists the options.

    `behaviour` decides where it differs from FastAPI; see `rapide.behaviour`. `dependency_overrides` maps
    callables to what replaces them, for tests. `state` holds whatever the application wants to keep.
    """

    default_behaviour: ClassVar[Behaviour] = RAPIDE
    router_class: ClassVar[type[APIRouter]] = APIRouter
    _cdn_pages: ClassVar[CdnPages | None] = None

    def __init__(self, *, behaviour: Behaviour | None = None, **options: Unpack[AppOptions]) -> None:
        self.behaviour = behaviour or self.default_behaviour
        defaults = {**APP_DEFAULTS, "title": self.behaviour.title}
        values = with_defaults(options, defaults, f"{type(self).__name__}.__init__")
        check_options(values)
        for name, value in values.items():
            if name not in _OF_STARLETTE and name != "redirect_slashes":
                setattr(self, name, value)
        self._admission = admission_of(self.behaviour, values["allowed_hosts"], values["public_url"])
        self.servers = list(values["servers"] or ())
        self.max_body_size = check_max_body_size(values["max_body_size"])
        self.state = State()
        self.lifespan_state: dict[str, Any] = {}
        self.openapi_version = "3.1.0"
        self.dependency_overrides: dict[Any, Callable[..., Any]] = {}
        self.webhooks = values["webhooks"] or self.router_class()
        self.user_middleware: list[Middleware] = list(values["middleware"] or ())
        self.middleware_stack: ASGIApp | None = None
        self.router: APIRouter = self._make_router(values)
        self.exception_handlers = {
            **problems.default_handlers(self.behaviour),
            **(values["exception_handlers"] or {}),
        }
        self._document = OpenAPIDocument(self)
        self._telemetry_layer: Callable[..., Awaitable[None]] = ApplicationTelemetry(
            values["telemetry"], NAMES[self.behaviour.telemetry], self._decide_telemetry
        )
        self._asks_telemetry = True
        self.active_connections = 0
        self.when_idle: Callable[[], object] | None = None
        self.setup()

    def _make_router(self, values: dict[str, Any]) -> APIRouter:
        options = {name: values[name] for name in _OF_THE_ROUTER}
        if self.behaviour.operation_ids == "function" and values["generate_unique_id_function"] == Default(
            generate_unique_id
        ):
            options["generate_unique_id_function"] = Default(function_operation_id)
        router = self.router_class(**options, dependency_overrides_provider=self)
        router.behaviour = self.behaviour
        router.routes.extend(values["routes"] or ())
        if self.behaviour.mounted_lifespans:
            router.lifespan_context = with_mounted(
                router.lifespan_context, lambda: mounted_apps(router.routes)
            )
        return router

    # ---------------------------------------------------------------------------------------------- declaring

    @property
    def frontends(self) -> Frontends:
        """The frontends declared so far, here and on included routers."""
        return self.router.frontends

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[RouteOptions]) -> None:
        """Add a path operation. Raises a DeclarationError for what cannot be."""
        self.router.add_api_route(path, endpoint, **options)

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        auth: Auth = UNSET,
    ) -> None:
        """Add a WebSocket endpoint. Raises a DeclarationError for what cannot be."""
        self.router.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies, auth=auth)

    def mount(self, path: str, app: ASGIApp, name: str | None = None, *, auth: Auth = UNSET) -> None:
        """Give everything below a path to another ASGI application. `auth` decides to whom, or `public`."""
        self.router.mount(path, app=app, name=name, auth=auth)

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[F], F]:
        """Serve WebSocket connections with a raw Starlette endpoint."""

        def register(function: F) -> F:
            self.router.add_websocket_route(path, function, name=name)
            return function

        return register

    def include_router(self, router: APIRouter, **options: Unpack[IncludeOptions]) -> None:
        """Include all routes of a router, those added to it later too. Raises RouterError, FastAPIError."""
        self.router.include_router(router, **options)

    def on_event(self, event_type: str) -> Callable[[F], F]:
        """Run the decorated function at "startup" or "shutdown". Deprecated: use `lifespan`."""
        warnings.warn(
            "on_event is deprecated, use lifespan event handlers instead.", DeprecationWarning, stacklevel=2
        )

        def register(function: F) -> F:
            self.router.add_event_handler(event_type, function)
            return function

        return register

    def middleware(self, middleware_type: str) -> Callable[[F], F]:
        """Run the decorated `async def f(request, call_next)` around every request."""

        def register(function: F) -> F:
            self.add_middleware(BaseHTTPMiddleware, dispatch=function)
            return function

        return register

    def exception_handler(self, exc_class_or_status_code: int | type[Exception]) -> Callable[[F], F]:
        """Answer exceptions of a class, or HTTP errors of a status, with the decorated `f(request, exc)`."""

        def register(function: F) -> F:
            self.add_exception_handler(exc_class_or_status_code, function)
            return function

        return register

    def override(self, replacements: Mapping[Any, Callable[..., Any]]) -> AbstractContextManager[None]:
        """Replace dependencies for the code inside a `with` block: parallel tests do not see each other's.

        `replacements` maps callables, as they stand in `Depends()`, to what is called in their place: all
        that could stand there, with parameters and dependencies of its own. Blocks nest, the inner one wins,
        and both win over `dependency_overrides`. A block holds for requests that are made by the code inside,
        through a test client or any other way that passes context variables on; not for a server.

        Raises KeyError for a callable that is no dependency of any route, TypeError for a replacement that
        cannot be called, and a DeclarationError for one whose parameters cannot be.
        """
        require_known(self, replacements)
        return ScopedOverrides(self, replacements)

    # ---------------------------------------------------------------------------------------------- documents

    @property
    def openapi_schema(self) -> dict[str, Any] | None:
        """The document once it was made; one that is put here is served, and None asks for a new one."""
        return self._document.schema

    @openapi_schema.setter
    def openapi_schema(self, document: dict[str, Any] | None) -> None:
        self._document.schema = document

    def openapi(self, version: Literal["3.0", "3.1", "3.2"] | None = None) -> dict[str, Any]:
        """Return the OpenAPI document; made once, and again when routes were added.

        `version` renders it for another version of the standard.
        """
        document = self._document.current()
        return document if version is None else rendered(document, version)

    def make_openapi(self, routes: Sequence[Any], webhooks: Sequence[Any]) -> dict[str, Any]:
        """Make the OpenAPI document of some routes with the application's own information."""
        return make_document(self, routes, webhooks)

    def setup(self) -> None:
        """Add the routes of the OpenAPI document and of the docs pages."""
        from rapide.docs import docs_routes  # noqa: PLC0415 -- modules of routers import this one, and no pages
        from rapide.routing.guarded import guarded  # noqa: PLC0415 -- the same

        routes = docs_routes(
            openapi_url=self.openapi_url,
            docs_url=self.docs_url,
            redoc_url=self.redoc_url,
            oauth2_redirect_url=self.swagger_ui_oauth2_redirect_url,
            title=lambda: str(self.title),
            openapi_document=self._document.bytes_for,
            local_assets=self.behaviour.local_docs,
            init_oauth=lambda: self.swagger_ui_init_oauth,
            swagger_parameters=lambda: self.swagger_ui_parameters,
            cdn_pages=self._cdn_pages,
        )
        self.router.routes.extend(guarded(routes, self.docs_dependencies or (), self))

    # ----------------------------------------------------------------------------------------------- requests

    def build_middleware_stack(self) -> ASGIApp:
        """Return the whole application as one ASGI function: error boundary, middleware, routes."""
        handlers = {
            key: value for key, value in self.exception_handlers.items() if key not in (500, Exception)
        }
        server_error = self.exception_handlers.get(500) or self.exception_handlers.get(Exception)
        limit = self.max_body_size
        alone = not self.user_middleware
        # A router that answers its own way, in a subclass, is asked as Starlette asks routers.
        calls_itself = type(self.router).__call__ is not APIRouter.__call__
        boundary = Boundary(
            self.router if calls_itself else self.router.app,
            handlers,
            server_error=server_error,
            debug=self.debug,
            answers_server_errors=alone or self.behaviour.errors_inside_middleware,
            behaviour=self.behaviour,
        )
        not_found = problems.not_found_response(self.behaviour, handlers)
        if not_found is not None:
            boundary.answer_not_found_with(not_found)
        if type(self.router).app is APIRouter.app and not calls_itself:
            boundary.dispatch_directly_to(self.router)
        app: ASGIApp = boundary
        for cls, args, kwargs in reversed(self.user_middleware):
            app = cls(app, *args, **kwargs)
        if self.user_middleware:
            app = CheckedMiddleware(app, protects=self.behaviour.strict_responses)
        if limit is not None:
            plainly = self.behaviour.errors == "detail"
            app = BodyLimit(app, limit, plainly=plainly, refuse=None if plainly else boundary.answer)
        if alone:
            return app
        if self.behaviour.middleware_errors:
            return OuterBoundary(app, boundary)
        return ServerErrorMiddleware(app, handler=server_error, debug=self.debug)

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes the application, for copies and other processes."""
        # Starlette's State cannot be made from its own pickle.
        return {**self.__dict__, "state": dict(vars(self.state)["_state"]), **_OF_A_SERVER}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, state=State(state["state"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection (ASGI 3)."""
        scope["app"] = self
        stack = self.middleware_stack
        if stack is None:
            stack = self.middleware_stack = self.build_middleware_stack()
        guard = self._admission
        if guard is not None and scope["type"] != "lifespan" and guard.is_odd(scope):
            refusal = guard.refuses(scope)
            if refusal is not None:
                await refuse(scope, receive, send, problems.refusal_response(self.behaviour, *refusal))
                return None
        if self.root_path:
            scope["root_path"] = self.root_path
        if self.lifespan_state:
            scope["state"] = {**scope.get("state", {}), **self.lifespan_state}
        if scope["type"] == "lifespan":
            return await self._live(partial(self._telemetry_layer, stack), scope, receive, send)
        self.active_connections += 1
        try:
            if self._asks_telemetry:
                await self._telemetry_layer(stack, scope, receive, send)
            else:
                await stack(scope, receive, send)
        finally:
            self.active_connections -= 1
            if self.when_idle is not None and not self.active_connections:
                self.when_idle()

    async def _live(self, stack: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        from rapide.audit import describe_openness  # noqa: PLC0415 -- once in a life, as what follows
        from rapide.lifecycle.application import ApplicationLife  # noqa: PLC0415 -- only where somebody ends in order

        if asks(self.auth):
            logger.info(describe_openness(self.audit()))
        await ApplicationLife(self).run(stack, scope, receive, send)

    def _decide_telemetry(self, *, stays: bool, records: bool) -> None:
        self._asks_telemetry = stays
        if records:
            self.router.observe()

    # ------------------------------------------------------------------------------------------------ tools

    def prepare(self) -> None:
        """Compile all routes and make the document now, not at the first request.

        Raises:
            DeclarationError: A route is declared wrongly.
        """
        for route in [*self.routes, *self.frontends.routes]:
            if isinstance(route, APIRoute | APIWebSocketRoute):
                route.handler()
        _ = self.router.dispatcher
        if self.openapi_url:
            self.openapi()

    def get_ready(self) -> None:
        """Make path table and plans, and what documents are made with, before a server accepts connections.

        `prepare` does all that can be done. Raises a DeclarationError for a route that is declared wrongly.
        """
        _ = self.router.dispatcher
        for route in self.routes:
            if isinstance(route, APIRoute | APIWebSocketRoute):
                _ = route.plan
        if self.openapi_url:
            from rapide.openapi.document import prepare_outline  # noqa: PLC0415 -- what nobody asks for is not loaded

            prepare_outline()

    async def prepare_in_thread(self) -> None:
        """Prepare without blocking the event loop."""
        await to_thread.run_sync(self.prepare)

    def check(self) -> list[checks.Problem]:
        """Return what is wrong or doubtful about the declarations."""
        from rapide import checks  # noqa: PLC0415 -- a tool

        return checks.check_app(self)

    def audit(self) -> list[Entrance]:
        """Return every way into the application, with who may take it. `rapide audit` prints it."""
        from rapide.audit import audit_app  # noqa: PLC0415 -- what looks over applications is not needed to serve

        return audit_app(self)

    def explain(self, method: str, path: str) -> str:
        """Return plan and source of the handler that answers a method and path. Raises LookupError."""
        from rapide.routing.explain import explain_route, find_route  # noqa: PLC0415 -- a tool

        return explain_route(find_route(self.router, method, path))


Rapide.__signature__ = keyword_signature((), APP_DEFAULTS)  # type: ignore[attr-defined]  # shown by tools
