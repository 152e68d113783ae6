"""The nodes of a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from rapide._pydantic import ModelField
    from rapide.behaviour import Behaviour
    from rapide.declare.depends import Concurrency

from rapide._dataclass import dataclass

__all__ = [
    "BodyPlan",
    "Call",
    "Color",
    "Connection",
    "ConnectionKind",
    "Dependency",
    "Input",
    "Limits",
    "Output",
    "Part",
    "Repeated",
    "RoutePlan",
    "SocketPlan",
    "plan_of",
    "walk_calls",
]

# How a callable runs. "inline" is a plain class, dataclass or model: constructed in place, no thread.
Color = Literal["sync", "async", "inline", "sync_generator", "async_generator"]

# The things of the connection itself that a parameter can ask for by type.
ConnectionKind = Literal["request", "websocket", "connection", "response", "background", "scopes"]

# A row of the table in `rapide.inputs`.
Kind = Literal["path", "query", "header", "cookie", "body", "form"]

# What a part of a form becomes: itself (a text, or a file), a file's content, JSON data, JSON data where the
# part says that it is JSON, or the text of such a part.
Part = Literal["as_sent", "bytes", "json", "declared_json", "json_text"]

# What a field of a form that holds one value makes of several.
Repeated = Literal["last", "refuse"]


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """One parameter whose value is in the request.

    `field.field_info` is the marker (`Query`, `Header`, `Body`, `Form`, `File` …) with its own options. `key`
    is the name to look up, `choices` further names to try first to last (`AliasChoices`), `sequence` whether
    all values are wanted. `group` marks a parameter model: each of its fields is a parameter of the place,
    listed in `members`. `converted` says that a path convertor has made something else of the text.

    In forms, `part` says what a part becomes and `repeated` what several values of a single one are. A union
    of models is a group with `branches`, each a group of its own; `members` are then those of all branches,
    and `chooser` is the field that finds the branch.
    """

    kind: Kind
    name: str
    field: ModelField
    key: str
    choices: tuple[str, ...] = ()
    sequence: bool = False
    group: bool = False
    members: tuple[Input, ...] = ()
    converted: bool = False
    part: Part = "as_sent"
    repeated: Repeated = "last"
    branches: tuple[Input, ...] = ()
    chooser: ModelField | None = None

    @property
    def required(self) -> bool:
        """Whether the request must hold a value."""
        return self.field.required


@dataclass(frozen=True, slots=True)
class Connection:
    """A parameter that receives a thing of the connection itself.

    `optional` says that it has a default, for connections that do not have the thing.
    """

    kind: ConnectionKind
    name: str
    optional: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """An edge of the graph: `name` receives the result of `call`; None for dependencies that are only run.

    `scopes` are the effective OAuth2 scopes, `cache_key` decides which uses share one result, `lifetime` says
    when a generator is left: "function" before the response is sent, "request" after it.
    """

    name: str | None
    call: Call
    use_cache: bool = True
    scope: Literal["function", "request"] | None = None
    own_scopes: tuple[str, ...] | None = None
    scopes: tuple[str, ...] = ()
    cache_key: tuple[Any, ...] = ()
    concurrency: Concurrency | None = None

    @property
    def lifetime(self) -> Literal["function", "request"]:
        """When a generator is left."""
        return self.scope or "request"


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A callable and all that it needs: the endpoint, or a dependency.

    `needs_body` is true when the call, or anything below it, reads the body.
    """

    function: Callable[..., Any]
    color: Color
    inputs: tuple[Input, ...] = ()
    connections: tuple[Connection, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    def inputs_of(self, *kinds: str) -> tuple[Input, ...]:
        """Return the inputs of these kinds, in order."""
        return tuple(item for item in self.inputs if item.kind in kinds)

    @property
    def needs_body(self) -> bool:
        """Whether this call or one below it reads the body."""
        return bool(self.inputs_of("body", "form")) or any(edge.call.needs_body for edge in self.dependencies)

    @property
    def qualified_name(self) -> str:
        """The name for people."""
        function = self.function
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        return f"{getattr(function, '__module__', '?')}.{name}"


@dataclass(frozen=True, slots=True, eq=False)
class BodyPlan:
    """How the body is read, and which inputs take from it.

    `kind` is "json" or "form". `embed` says that values are looked up by name inside an object. `inputs` are
    the distinct body parameters of the whole graph, in the order of FastAPI's flat list (endpoint's
    dependencies first).
    """

    kind: Literal["json", "form"]
    inputs: tuple[Input, ...]
    embed: bool

    @property
    def required(self) -> bool:
        """Whether a request without a body is refused."""
        return any(item.required for item in self.inputs)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of a body and the parts of a form; None where nothing is limited."""

    max_body_size: int | None = None
    form: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """What comes back.

    `kind` is a row of the table in `rapide.outputs`. `field` is the response model, `item` the type of a
    stream's items. `response_class` is None where the default JSON response is meant.
    """

    kind: Literal["model", "plain", "stream", "json_lines", "events"]
    field: ModelField | None = None
    item: ModelField | None = None
    response_class: type[Any] | None = None
    status_code: int | None = None
    include: Any = None
    exclude: Any = None
    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RoutePlan:
    """Everything that an HTTP route needs and gives."""

    path: str
    methods: tuple[str, ...]
    name: str
    endpoint: Call
    body: BodyPlan | None
    output: Output
    limits: Limits
    strict_content_type: bool
    behaviour: Behaviour
    auth: Dependency | None = None
    """Who may call: the first dependency of the endpoint, where somebody is asked."""
    private: bool = False
    """Whether the answer is for whoever asks, so that no cache may keep it."""
    cancels: bool = False
    """Whether what it waits for is cancelled when its client has left."""


@dataclass(frozen=True, slots=True, eq=False)
class SocketPlan:
    """Everything that a WebSocket route needs."""

    path: str
    name: str
    endpoint: Call
    behaviour: Behaviour
    body: BodyPlan | None = None
    """What is asked of a body, which no WebSocket has: defaults, or errors."""
    auth: Dependency | None = None
    """Who may connect: the first dependency of the endpoint, where somebody is asked."""


def plan_of(route: Any) -> RoutePlan | None:
    """Return the plan of an API route, or None for routes of other kinds."""
    plan = getattr(route, "plan", None)
    return plan if isinstance(plan, RoutePlan) else None


def walk_calls(call: Call) -> Iterator[Call]:
    """Yield the calls of a graph, dependencies before what depends on them, each as often as it is used."""
    for edge in call.dependencies:
        yield from walk_calls(edge.call)
    yield call
