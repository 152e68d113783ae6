"""Path operations."""

from __future__ import annotations

import inspect
import math
import operator
import threading
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Unpack

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Route, get_name
from starlette.types import Receive, Scope, Send

from rapide._analyse import analyse_output, make_response_field, plan_route
from rapide._analyse.returns import ReturnOptions, response_type
from rapide._analyse.route import analyse_auth, place_of, plan_call, with_auth
from rapide._analyse.signature import signature_marks
from rapide._pydantic import ModelField
from rapide._run.respond import has_body
from rapide.declare.defaults import UNSET, DefaultPlaceholder
from rapide.errors import RouteError
from rapide.options import ROUTE_DEFAULTS, RouteOptions, keyword_signature, with_defaults
from rapide.plan.nodes import Call, Limits, RoutePlan
from rapide.routing.body_limit import limit_route
from rapide.routing.declaring import declared_behaviour, is_declared_whole
from rapide.routing.limits import check_form_limits, check_max_body_size, check_timeout
from rapide.routing.overrides import HandlerCache, active_overrides, replaced_plan
from rapide.routing.template import TemplatePath, with_route

if TYPE_CHECKING:
    from rapide.routing.request_handler import RequestHandler

__all__ = ["CUSTOMISING", "APIRoute"]

Handler = Callable[[Scope, Receive, Send], Any]

# One for all routes: what a subclass makes of one is made once, whoever asks first.
CUSTOMISING = threading.RLock()


def _described(endpoint: Callable[..., Any], description: str | None) -> str:
    """Return the description of an operation: explicit, else the docstring up to its first form feed."""
    text = description or inspect.cleandoc(endpoint.__doc__ or "")
    return text.split("\f")[0].strip()


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, DefaultPlaceholder) else value


class APIRoute(TemplatePath, Route):  # type: ignore[override]  # what is derived is never assigned
    """A path operation: methods, a path, an endpoint, and the options of `RouteOptions` as attributes.

    The plan is made when the route is declared, so that mistakes show at import; the handler when it is first
    needed. A route that is included somewhere is bound: a copy with the options of that place.
    """

    methods: set[str]
    summary: str | None
    response_description: str
    deprecated: bool | None
    operation_id: str | None
    response_model_include: Any
    response_model_exclude: Any
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    include_in_schema: bool
    response_class: Any
    dependency_overrides_provider: Any
    callbacks: list[Any] | None
    openapi_extra: dict[str, Any] | None
    generate_unique_id_function: Any
    strict_content_type: Any
    cancel_on_disconnect: bool | None
    auth: Any = UNSET
    observed: bool = False
    """Whether the handler reports what it does, because the application has telemetry."""
    original_route: APIRoute
    """The route as it was declared; only on routes that are included somewhere."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Unpack[RouteOptions]) -> None:
        values = with_defaults(options, ROUTE_DEFAULTS, f"{type(self).__name__}.__init__")
        if not callable(endpoint):
            raise RouteError("RAP201", "An endpoint must be a callable")
        self.path = path
        self.endpoint = endpoint
        self.name = values.pop("name") or get_name(endpoint)
        self.methods = {method.upper() for method in (values.pop("methods") or ("GET",))}
        status = values.pop("status_code")
        self.status_code: int | None = int(status) if status is not None else None
        self.description = _described(endpoint, values.pop("description"))
        self.tags: list[str | Enum] = list(values.pop("tags") or ())
        self.dependencies = list(values.pop("dependencies") or ())
        self.responses: dict[int | str, dict[str, Any]] = dict(values.pop("responses") or {})
        self.form_limits = check_form_limits(values.pop("form_limits"))
        self.max_body_size = check_max_body_size(values.pop("max_body_size"))
        self.timeout = check_timeout(values.pop("timeout"))
        self._response_model = values.pop("response_model")
        self._take(values)
        declared_for = declared_behaviour()
        if declared_for is not None and declared_for is not self.behaviour:
            self.behaviour = declared_for
        if is_declared_whole():
            self.whole = True
            self.check_path(self.behaviour)
        self._reset()
        self._check()

    def _take(self, options: Mapping[str, Any]) -> None:
        """Set the options that differ from what the class has: most routes leave most of them alone."""
        for name, value in options.items():
            if getattr(self, name) is not value:
                object.__setattr__(self, name, value)  # nobody is told: the route is being made

    def _reset(self) -> None:
        """Forget what was derived."""
        self._plan: RoutePlan | None = None
        self._call: Call | None = None
        self._call_made_of: tuple[Any, ...] = ()
        self._handlers = HandlerCache()
        self._own_app: Handler | None = None

    # -------------------------------------------------------------------------------------------- declaration

    def _check(self) -> None:
        """Report what is wrong with the declaration, now rather than at the first request."""
        for status, response in self.responses.items():
            if not isinstance(response, dict):
                raise RouteError("RAP202", "An additional response must be a dict", function=self.endpoint)
            if response.get("model") is not None and not _allows_body(status):
                raise RouteError(
                    "RAP203", f"Status code {status} must not have a response body", function=self.endpoint
                )
        if self.response_model and not has_body(self.status_code):
            raise RouteError(
                "RAP203",
                f"Status code {self.status_code} must not have a response body",
                function=self.endpoint,
            )
        _ = self.response_fields
        try:
            _ = self.plan
        except NameError:
            # A name may be defined further down in the module: the plan is made before the first request.
            self._reset()
        if not self.whole:
            # Requests come to the copies that applications bind, and they have plans of their own.
            self._plan = None

    @property
    def response_model(self) -> Any:
        """The type of the result, or None."""
        return response_type(self.endpoint, self._response_model)

    @property
    def unique_id(self) -> str:
        """The operation id: explicit, or made by `generate_unique_id_function`."""
        return str(self.operation_id or _plain(self.generate_unique_id_function)(self))

    @property
    def response_field(self) -> ModelField | None:
        """The field that serialises the result."""
        return self.plan.output.field

    @property
    def stream_item_field(self) -> ModelField | None:
        """The field that serialises the items of a stream."""
        return self.plan.output.item

    @property
    def stream_item_type(self) -> Any:
        """The type of the items of a stream."""
        item = self.stream_item_field
        return item.field_info.annotation if item is not None else None

    @property
    def is_sse_stream(self) -> bool:
        """Whether the endpoint sends server-sent events."""
        return self.plan.output.kind == "events"

    @property
    def is_json_stream(self) -> bool:
        """Whether the endpoint sends JSON Lines."""
        return self.plan.output.kind == "json_lines"

    @property
    def response_fields(self) -> dict[int | str, ModelField]:
        """The fields of additional responses that have a model, by status."""
        known = self.__dict__.get("_response_fields")
        if known is None:
            known = {
                status: make_response_field(
                    f"Response_{status}_{self.unique_id}", response["model"], self.endpoint
                )
                for status, response in self.responses.items()
                if response.get("model")
            }
            if known:
                self.__dict__["_response_fields"] = known
        return known

    # ------------------------------------------------------------------------------------------------ plan

    @property
    def plan(self) -> RoutePlan:
        """What the route needs and gives. Raises a DeclarationError for what cannot be."""
        if self._plan is None:
            self._plan = self._make_plan()
        return self._plan

    def _declaration(self) -> tuple[Any, ...]:
        return (self.endpoint, *signature_marks(self.endpoint), *self.dependencies)

    def analysed_call(self) -> Call | None:
        """Return the graph as it was analysed; None when it was not, or what it is made of has changed."""
        now, then = self._declaration(), self._call_made_of
        unchanged = len(now) == len(then) and all(map(operator.is_, now, then))
        return self._call if unchanged else None

    def _make_plan(self) -> RoutePlan:
        place = place_of(self.path, frozenset(self.methods), self.behaviour)
        if self._call is None:
            self._call = plan_call(self.endpoint, self.dependencies, place)
            self._call_made_of = self._declaration()
        self.check_path_names(self._call)
        auth = analyse_auth(self.auth, place)
        output = analyse_output(
            self.endpoint,
            ReturnOptions(
                self._response_model,
                self.response_class,
                self.status_code,
                self.response_model_include,
                self.response_model_exclude,
                self.response_model_by_alias,
                self.response_model_exclude_unset,
                self.response_model_exclude_defaults,
                self.response_model_exclude_none,
            ),
            self.unique_id,
        )
        return plan_route(
            path=self.path,
            methods=sorted(self.methods),
            name=self.name,
            endpoint=with_auth(self._call, auth),
            auth=auth,
            output=output,
            limits=Limits(self.max_body_size, self.form_limits),
            strict_content_type=_plain(self.strict_content_type),
            behaviour=self.behaviour,
            cancels=self.cancel_on_disconnect,
        )

    # ----------------------------------------------------------------------------------------------- requests

    def handler(self, overrides: Mapping[Any, Any] | None = None) -> Handler:
        """Return the generated handler; with overrides, the one for this set of replacements."""
        return self._handlers.get(self.plan.endpoint, overrides, self._compile)

    def observe(self) -> None:
        """Make a handler that reports what it does, from now on."""
        if not self.observed:
            self.observed = True
            self._handlers = HandlerCache()

    def get_route_handler(self) -> RequestHandler:
        """Return the route as a function from request to response; a subclass may wrap it."""
        from rapide.routing.request_handler import request_handler  # noqa: PLC0415 -- few routes need it

        return request_handler(self.plan, self.dependency_overrides_provider)

    def entry(self, overrides: Mapping[Any, Any] | None = None) -> Handler:
        """Return what runs for a request that matched: the generated handler, or a subclass's own way."""
        if type(self).handle is not APIRoute.handle:
            return self.handle
        if type(self).get_route_handler is not APIRoute.get_route_handler:
            return self._custom()
        return self.handler(overrides)

    def _custom(self) -> Handler:
        """Return what a subclass makes of the route; made once, it looks for overrides itself."""
        from rapide.routing.request_handler import as_asgi  # noqa: PLC0415 -- few routes need it

        if self._own_app is None:
            with CUSTOMISING:
                if self._own_app is None:
                    self._own_app = self._limited(as_asgi(self.get_route_handler(), self.plan))
        return self._own_app

    def _compile(self, overrides: Mapping[Any, Any] | None) -> Handler:
        from rapide._compile import compile_route  # noqa: PLC0415 -- declaring a route does not need it

        plan = replaced_plan(self.plan, overrides) if overrides else self.plan
        return self._limited(compile_route(plan, observed=self.observed))

    def _limited(self, handler: Handler) -> Handler:
        if self.max_body_size is not None:
            handler = limit_route(handler, self.max_body_size, plainly=self.behaviour.errors == "detail")
        if self.timeout is not None and self.timeout != math.inf:
            from rapide.routing.deadline import answer_in_time  # noqa: PLC0415 -- few routes have a time limit

            handler = answer_in_time(handler, self.timeout)
        return handler

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that was matched."""
        if type(self).get_route_handler is not APIRoute.get_route_handler:
            await self._custom()(scope, receive, send)
            return
        await self.handler(active_overrides(self.dependency_overrides_provider))(scope, receive, send)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the route takes a request, and what belongs into its scope then."""
        return with_route(self, *super().matches(scope))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path matched; 405 when the method does not fit."""
        if scope["method"] not in self.methods:
            await self._refuse_method(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _refuse_method(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Allow": ", ".join(sorted(self.methods))}
        if "app" in scope:
            raise HTTPException(status_code=405, headers=headers)
        await Response("Method Not Allowed", 405, headers)(scope, receive, send)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, methods={sorted(self.methods)!r})"
        )

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in _DERIVED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # One by one: only so do the routes of an application share the names of their attributes.
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self._reset()


_DERIVED = frozenset({"_plan", "_call", "_call_made_of", "_handlers", "_own_app"})


def _allows_body(status: int | str) -> bool:
    text = str(status)
    return has_body(int(text)) if text.isdigit() else True


for _name, _default in ROUTE_DEFAULTS.items():
    if not hasattr(APIRoute, _name):
        setattr(APIRoute, _name, _default)
APIRoute.__signature__ = keyword_signature(("path", "endpoint"), ROUTE_DEFAULTS)  # type: ignore[attr-defined]  # shown by tools
