"""Binding: a route as it was declared, and the place where it is included, to a route of that place."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.routing import Host, Mount, Route, WebSocketRoute

from rapide._analyse.graph import run_only
from rapide._analyse.route import check_auth, place_of
from rapide.behaviour import Behaviour
from rapide.declare.defaults import UNSET, DefaultPlaceholder
from rapide.declare.depends import AUTH, Auth, is_unset
from rapide.plan.nodes import Limits
from rapide.routing.body_limit import limits_of, under_limits
from rapide.routing.limits import check_form_limits, check_max_body_size, check_timeout
from rapide.routing.route import APIRoute
from rapide.routing.socket import APIWebSocketRoute

__all__ = ["Inclusion", "Layer", "bind", "closed", "first_explicit", "regrouped", "under_auth"]


def first_explicit(*values: Any) -> Any:
    """Return the first value that is not a default, else the outermost default."""
    return next((value for value in values if not isinstance(value, DefaultPlaceholder)), values[-1])


@dataclass(eq=False)
class Layer:
    """The settings that a router or an inclusion puts around its routes."""

    prefix: str
    tags: list[Any]
    dependencies: list[Any]
    responses: dict[Any, Any]
    callbacks: list[Any]
    deprecated: bool | None
    include_in_schema: bool
    default_response_class: Any
    generate_unique_id_function: Any
    max_body_size: int | None
    form_limits: dict[str, int]
    auth: Any = UNSET
    strict_content_type: Any = None
    timeout: float | None = None
    cancel_on_disconnect: bool | None = None

    @classmethod
    def of(cls, options: dict[str, Any]) -> Layer:
        """Return the layer that options describe."""
        return cls(
            options["prefix"],
            list(options["tags"] or ()),
            list(options["dependencies"] or ()),
            dict(options["responses"] or {}),
            list(options["callbacks"] or ()),
            options["deprecated"],
            options["include_in_schema"],
            options["default_response_class"],
            options["generate_unique_id_function"],
            check_max_body_size(options["max_body_size"]),
            check_form_limits(options["form_limits"]),
            check_auth(options["auth"]),
            options.get("strict_content_type"),
            check_timeout(options["timeout"]),
            options["cancel_on_disconnect"],
        )

    def around(self, inner: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a route with this layer around them."""
        limit, cancels = inner["max_body_size"], inner["cancel_on_disconnect"]
        merged = {
            "tags": [*self.tags, *(inner["tags"] or ())],
            "dependencies": [*self.dependencies, *(inner["dependencies"] or ())],
            "responses": {**self.responses, **(inner["responses"] or {})},
            "callbacks": [*self.callbacks, *(inner["callbacks"] or ())] or None,
            "deprecated": inner["deprecated"] or self.deprecated,
            "include_in_schema": inner["include_in_schema"] and self.include_in_schema,
            "response_class": first_explicit(inner["response_class"], self.default_response_class),
            "generate_unique_id_function": first_explicit(
                inner["generate_unique_id_function"], self.generate_unique_id_function
            ),
            "max_body_size": self.max_body_size if limit is None else limit,
            "form_limits": {**self.form_limits, **(inner["form_limits"] or {})},
            "auth": first_explicit(inner["auth"], self.auth),
            "timeout": self.timeout if inner["timeout"] is None else inner["timeout"],
            "cancel_on_disconnect": self.cancel_on_disconnect if cancels is None else cancels,
        }
        if self.strict_content_type is not None:
            merged["strict_content_type"] = first_explicit(
                inner["strict_content_type"], self.strict_content_type
            )
        return merged


@dataclass(eq=False)
class Inclusion:
    """One use of a router inside another, with the bound copies of its routes."""

    router: Any
    layers: tuple[Layer, ...]
    """From the inclusion's own to the including router's."""
    bound: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "bound": list(self.bound.values())}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # The copies have identities of their own.
        bound = {id(route): (route, here) for route, here in state["bound"]}
        self.__dict__.update(state, bound=bound)


_OPTIONS = (
    "tags",
    "dependencies",
    "responses",
    "callbacks",
    "deprecated",
    "include_in_schema",
    "response_class",
    "generate_unique_id_function",
    "max_body_size",
    "form_limits",
    "auth",
    "timeout",
    "cancel_on_disconnect",
    "strict_content_type",
)


def _bind_operation(
    route: APIRoute, layers: tuple[Layer, ...], provider: Any, behaviour: Behaviour | None
) -> APIRoute:
    bound = copy.copy(route)
    options = {name: getattr(route, name) for name in _OPTIONS}
    prefix = ""
    for layer in layers:
        options = {**options, **layer.around(options)}
        prefix = layer.prefix + prefix
    bound._take(options)
    bound.__dict__.pop("_response_fields", None)
    bound.path = prefix + route.path
    bound.dependency_overrides_provider = provider
    bound.original_route = getattr(route, "original_route", route)
    bound._reset()
    new_behaviour = behaviour is not None and behaviour is not route.behaviour
    if behaviour is not None:
        bound.behaviour = behaviour
        bound.whole = True
        bound.check_path(behaviour)
    call = route.analysed_call()
    if call is not None and not new_behaviour and "{" not in prefix:
        place = place_of(bound.path, frozenset(), bound.behaviour)
        added = bound.dependencies[: len(bound.dependencies) - len(route.dependencies)]
        edges = tuple(run_only(depends, place) for depends in added)
        bound._call = replace(call, dependencies=(*edges, *call.dependencies)) if edges else call
    return bound


def _bind_socket(
    route: APIWebSocketRoute, layers: tuple[Layer, ...], provider: Any, behaviour: Behaviour | None
) -> APIWebSocketRoute:
    bound = copy.copy(route)
    for layer in layers:
        bound.dependencies = [*layer.dependencies, *bound.dependencies]
        bound.path = layer.prefix + bound.path
        bound.auth = first_explicit(bound.auth, layer.auth)
    bound.dependency_overrides_provider = provider
    bound.__dict__["original_route"] = getattr(route, "original_route", route)
    if behaviour is not None:
        bound.behaviour = behaviour
        bound.whole = True
        bound.check_path(behaviour)
    bound._reset()
    return bound


def bind(route: Any, layers: tuple[Layer, ...], provider: Any, behaviour: Behaviour | None) -> Any:
    """Return `route` as it is at the place that `layers` describe; None when it cannot be included."""
    if isinstance(route, APIRoute):
        return _bind_operation(route, layers, provider, behaviour)
    if isinstance(route, APIWebSocketRoute):
        return _bind_socket(route, layers, provider, behaviour)
    foreign = _bind_foreign(route, "".join(layer.prefix for layer in reversed(layers)))
    if foreign is None:
        return None
    if not isinstance(foreign, WebSocketRoute):
        plainly = behaviour is not None and behaviour.errors == "detail"
        foreign = under_limits(foreign, _limits_around(route, layers), plainly=plainly)
    auth = first_explicit(vars(route).get(AUTH, UNSET), *(layer.auth for layer in layers))
    return under_auth(foreign, auth, provider, behaviour)


def under_auth(route: Any, auth: Any, provider: Any, behaviour: Behaviour | None) -> Any:
    """Return a route that is not ours; it is now handled for those whom `auth` lets through."""
    if is_unset(check_auth(auth)):
        return route
    from rapide.routing.guard import guarded  # noqa: PLC0415 -- most applications ask nobody

    return guarded(route, auth, provider, behaviour)


def closed(route: Any, auth: Auth, provider: Any, behaviour: Behaviour | None) -> Any:
    """Return a route of a router as it is there: under the router's `auth` unless it has one of its own."""
    is_ours = isinstance(route, APIRoute | APIWebSocketRoute)
    own = route.auth if is_ours else vars(route).get(AUTH, UNSET)
    if is_unset(auth) or not is_unset(own):
        return route
    if not is_ours:
        return under_auth(route, auth, provider, behaviour)
    # Nobody put options around it: it was made by hand and put into the list.
    route.auth = auth
    route._reset()
    return route


def _limits_around(route: Any, layers: tuple[Layer, ...]) -> Limits:
    limits = limits_of(route)
    for layer in layers:
        size = layer.max_body_size if limits.max_body_size is None else limits.max_body_size
        limits = Limits(size, {**layer.form_limits, **limits.form})
    return limits


def _bind_foreign(route: Any, prefix: str) -> Any:
    """Return a route of Starlette's below a prefix; None for one that cannot be included."""
    if isinstance(route, Route):
        methods = list(route.methods or ())
        return Route(
            prefix + route.path,
            route.endpoint,
            methods=methods,
            name=route.name,
            include_in_schema=route.include_in_schema,
        )
    if isinstance(route, WebSocketRoute):
        return WebSocketRoute(prefix + route.path, route.endpoint, name=route.name)
    if isinstance(route, Mount):
        mount = copy.copy(route)
        Mount.__init__(mount, prefix + route.path, app=route.app, name=route.name)
        return mount
    if isinstance(route, Host):
        host = copy.copy(route)
        host.app = Mount(prefix, app=route.app) if prefix else route.app
        return host
    return None


def regrouped(items: list[Any], routes: Sequence[Any]) -> list[Any]:
    """Return what a router holds once `routes` is its order.

    An inclusion stays live while its routes still stand together; else they are routes like others.
    """
    inclusions = [item for item in items if isinstance(item, Inclusion)]
    owners = {id(here): item for item in inclusions for _, here in item.bound.values()}
    regrouped: list[Any] = []
    position = 0
    while position < len(routes):
        owner = owners.get(id(routes[position]))
        run = routes[position : position + len(owner.bound)] if owner is not None else ()
        if (
            owner is not None
            and len(run) == len(owner.bound)
            and all(owners.get(id(route)) is owner for route in run)
        ):
            regrouped.append(owner)
            position += len(run)
        else:
            regrouped.append(routes[position])
            position += 1
    return regrouped
