"""`fastapi.dependencies.utils`: making, reading and solving dependants.

Each function has FastAPI's parameters and runs on the engine: analysis in `rapide._analyse`, reading in
`rapide.inputs`, solving in `rapide.interpreter`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    GetPydanticSchema,
    Json,
    Tag,
)
from pydantic.fields import FieldInfo
from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, ImmutableMultiDict, QueryParams, UploadFile
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from rapide._analyse.graph import Place, analyse_call, connect, merged_scopes
from rapide._analyse.parameter import take_apart
from rapide._analyse.route import embeds, place_of
from rapide._run.forms import FormValues
from rapide._run.respond import injected_response
from rapide.background import ChainedBackgroundTasks as BackgroundTasks
from rapide.behaviour import FASTAPI
from rapide.concurrency import contextmanager_in_threadpool
from rapide.declare.depends import Concurrency as _DependencyConcurrency
from rapide.declare.depends import Depends, Security
from rapide.exceptions import DependencyScopeError
from rapide.fastapi._compat import (
    ModelField,
    RequiredParam,
    Undefined,
    copy_field_info,
    create_body_model,
    evaluate_forwardref,
    field_annotation_is_scalar,
    field_annotation_is_scalar_sequence,
    field_annotation_is_sequence,
    get_cached_model_fields,
    get_missing_field_error,
    is_bytes_or_nonable_bytes_annotation,
    is_bytes_sequence_annotation,
    is_scalar_field,
    is_uploadfile_or_nonable_uploadfile_annotation,
    is_uploadfile_sequence_annotation,
    lenient_issubclass,
    sequence_types,
    serialize_sequence_value,
    value_is_sequence,
)
from rapide.fastapi.dependencies._forms import (
    _get_form_model,
    _get_form_models,
    _get_multidict_value,
    _get_param_aliases,
    _is_form_model_supplied,
    _normalize_form_model,
)
from rapide.fastapi.dependencies._graph import (
    LISTS,
    call_of,
    dependant_of,
    input_of,
    set_connection,
    walk_fields,
)
from rapide.fastapi.dependencies._reading import (
    MessageSolver,
    body_of,
    inputs_of,
    request_body_to_args,
    request_params_to_args,
)
from rapide.fastapi.dependencies._signatures import (
    get_stream_item_type,
    get_typed_annotation,
    get_typed_return_annotation,
    get_typed_signature,
)
from rapide.fastapi.dependencies.models import Dependant, DependencyCacheKey
from rapide.fastapi.logger import logger
from rapide.fastapi.utils import create_model_field, get_path_param_names
from rapide.inputs import connection
from rapide.inputs.form import NOT_INSTALLED, WRONG_PACKAGE, multipart_problem
from rapide.inputs.table import claim_parameter
from rapide.interpreter import Solved as SolvedDependency
from rapide.interpreter import Solver
from rapide.openapi.bodies import field_of_inputs
from rapide.plan.nodes import Input
from rapide.routing.overrides import active_overrides
from rapide.routing.request_handler import FUNCTION_STACK, REQUEST_STACK, SOLVER
from rapide.security.scopes import SecurityScopes

__all__ = [
    "AliasChoices",
    "AliasPath",
    "BackgroundTasks",
    "BaseModel",
    "BeforeValidator",
    "ConfigDict",
    "Dependant",
    "DependencyCacheKey",
    "DependencyScopeError",
    "FieldInfo",
    "FormData",
    "GetJsonSchemaHandler",
    "GetPydanticSchema",
    "HTTPConnection",
    "Headers",
    "ImmutableMultiDict",
    "Json",
    "ModelField",
    "ParamDetails",
    "QueryParams",
    "Request",
    "RequiredParam",
    "Response",
    "SecurityScopes",
    "SolvedDependency",
    "StarletteBackgroundTasks",
    "Tag",
    "Undefined",
    "UploadFile",
    "WebSocket",
    "_get_body_field",
    "_get_flat_body_params",
    "_get_form_model",
    "_get_form_models",
    "_get_multidict_value",
    "_get_param_aliases",
    "_is_form_model_supplied",
    "_normalize_form_model",
    "_should_embed_body_fields",
    "add_non_field_param_to_dependency",
    "add_param_to_fields",
    "analyze_param",
    "asynccontextmanager",
    "contextmanager",
    "contextmanager_in_threadpool",
    "copy_field_info",
    "create_body_model",
    "create_model_field",
    "ensure_multipart_is_installed",
    "evaluate_forwardref",
    "field_annotation_is_scalar",
    "field_annotation_is_scalar_sequence",
    "field_annotation_is_sequence",
    "get_cached_model_fields",
    "get_dependant",
    "get_flat_params",
    "get_missing_field_error",
    "get_parameterless_sub_dependant",
    "get_path_param_names",
    "get_stream_item_type",
    "get_typed_annotation",
    "get_typed_return_annotation",
    "get_typed_signature",
    "get_validation_alias",
    "is_bytes_or_nonable_bytes_annotation",
    "is_bytes_sequence_annotation",
    "is_scalar_field",
    "is_uploadfile_or_nonable_uploadfile_annotation",
    "is_uploadfile_sequence_annotation",
    "lenient_issubclass",
    "logger",
    "multipart_incorrect_install_error",
    "multipart_not_installed_error",
    "request_body_to_args",
    "request_params_to_args",
    "run_in_threadpool",
    "sequence_types",
    "serialize_sequence_value",
    "solve_dependencies",
    "value_is_sequence",
]

multipart_not_installed_error = NOT_INSTALLED
multipart_incorrect_install_error = WRONG_PACKAGE


def ensure_multipart_is_installed() -> None:
    """Raise RuntimeError, and log it, when there is no parser for forms."""
    problem = multipart_problem()
    if problem is not None:
        logger.error(problem)
        raise RuntimeError(problem)


# ------------------------------------------------------------------------------------------------ dependants


@dataclass
class ParamDetails:
    """What a parameter is: a dependency, a field, or, with neither, a thing of the connection."""

    type_annotation: Any
    depends: Depends | None
    field: ModelField | None


def _nobody() -> None:
    """Stand for the function of a parameter that is looked at alone."""


def analyze_param(
    *, param_name: str, annotation: Any, value: Any, path_param_names: set[str]
) -> ParamDetails:
    """Return what a parameter is.

    Raises:
        DeclarationError: It cannot be what it says. The error is an AssertionError, too.
    """
    raw = inspect.Parameter(param_name, inspect.Parameter.KEYWORD_ONLY, default=value, annotation=annotation)
    names = dict.fromkeys(path_param_names, False)
    parameter = take_apart(raw, _nobody, names, FASTAPI, frozenset())
    depends = parameter.depends
    if depends is not None:
        if depends.dependency is None:
            depends = replace(depends, dependency=parameter.type_)
        return ParamDetails(parameter.type_, depends, None)
    node = claim_parameter(parameter)
    return ParamDetails(parameter.type_, None, node.field if isinstance(node, Input) else None)


def get_dependant(
    *,
    path: str,
    call: Callable[..., Any],
    name: str | None = None,
    own_oauth_scopes: list[str] | None = None,
    parent_oauth_scopes: list[str] | None = None,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
    concurrency: _DependencyConcurrency | None = None,
) -> Dependant:
    """Return the dependant of a callable at a path. Raises a DeclarationError for what cannot be."""
    scopes = merged_scopes(parent_oauth_scopes, own_oauth_scopes)
    edge = connect(
        name,
        analyse_call(call, place_of(path, frozenset(), FASTAPI), scopes),
        use_cache=use_cache,
        scope=scope,
        inherited=parent_oauth_scopes,
        own=own_oauth_scopes,
        concurrency=concurrency,
    )
    return dependant_of(
        edge.call,
        path,
        edge,
        name=name,
        own_oauth_scopes=own_oauth_scopes,
        parent_oauth_scopes=parent_oauth_scopes,
        use_cache=use_cache,
        scope=scope,
        concurrency=concurrency,
    )


def get_parameterless_sub_dependant(*, depends: Depends, path: str) -> Dependant:
    """Return the dependant of something that is only run. Raises AssertionError when it cannot be called."""
    if not callable(depends.dependency):
        raise AssertionError("A parameter-less dependency must have a callable dependency")
    scopes = list(depends.scopes or ()) if isinstance(depends, Security) else []
    return get_dependant(
        path=path,
        call=depends.dependency,
        scope=depends.scope,
        own_oauth_scopes=scopes,
        concurrency=depends._concurrency,
    )


def add_param_to_fields(*, field: ModelField, dependant: Dependant) -> None:
    """Add a field to the parameters of its place. Raises AssertionError for a field of the body."""
    kind = input_of(field, dependant.path).kind
    if kind in ("body", "form"):
        raise AssertionError(f"non-body parameters must be in path, query, header or cookie: {field.name}")
    getattr(dependant, LISTS[kind]).append(field)


def add_non_field_param_to_dependency(
    *, param_name: str, type_annotation: Any, dependant: Dependant
) -> bool | None:
    """Note a parameter that receives a thing of the connection; None when the type is not one of those."""
    raw = inspect.Parameter(param_name, inspect.Parameter.KEYWORD_ONLY, annotation=type_annotation)
    node = connection.claim(take_apart(raw, _nobody, {}, FASTAPI, frozenset()))
    if node is None:
        return None
    set_connection(dependant, node)
    return True


# ------------------------------------------------------------------------------------------------ flat views


def _get_flat_fields_from_params(fields: Sequence[ModelField]) -> list[ModelField]:
    flat: list[ModelField] = []
    for field in fields:
        item = input_of(field, None)
        flat.extend(member.field for member in item.members) if item.group else flat.append(field)
    return flat


def get_flat_params(dependant: Dependant) -> list[ModelField]:
    """Return the parameters outside the body of a whole graph; those of parameter models one by one."""
    lists = ("path_params", "query_params", "header_params", "cookie_params")
    return [
        field for name in lists for field in _get_flat_fields_from_params([*walk_fields(dependant, name)])
    ]


def _get_flat_body_params(dependant: Dependant) -> list[ModelField]:
    """Return the parameters in the body of a whole graph."""
    return [*walk_fields(dependant, "body_params")]


# FastAPI's private names, which third parties import.
def _should_embed_body_fields(fields: list[ModelField]) -> bool:  # pyright: ignore[reportUnusedFunction]  # packages import it
    """Tell whether the body holds these fields by name, and is not itself the only one."""
    return embeds([*{item.name: item for item in inputs_of(fields)}.values()])


def _get_body_field(  # pyright: ignore[reportUnusedFunction]  # packages import it
    *, body_params: list[ModelField], name: str, embed_body_fields: bool
) -> ModelField | None:
    """Return the one field that describes the whole body; None when nothing is in it."""
    return field_of_inputs(inputs_of(body_params), name, embed=embed_body_fields) if body_params else None


def get_validation_alias(field: ModelField) -> str:
    """Return the name under which a field is looked up."""
    return field.validation_alias or field.alias


# ------------------------------------------------------------------------------------------------ solving


async def solve_dependencies(
    *,
    request: Request | WebSocket,
    dependant: Dependant,
    body: Any = Undefined,
    background_tasks: StarletteBackgroundTasks | None = None,
    response: Response | None = None,
    dependency_overrides_provider: Any | None = None,
    dependency_cache: dict[DependencyCacheKey, Any] | None = None,
    async_exit_stack: AsyncExitStack,
    embed_body_fields: bool,
    _uses_scopes_cache: Any | None = None,
) -> SolvedDependency:
    """Return the arguments of a dependant, after calling everything that it depends on.

    Generators are left with the exit stacks in the scope of `request`, or with `async_exit_stack` where there
    are none.
    """
    behaviour = getattr(request.scope.get("route"), "behaviour", FASTAPI)
    call = call_of(dependant, behaviour)
    if not isinstance(body, FormValues):
        body = await body_of(body, _get_flat_body_params(dependant))
    # Brokers' messages are requests to FastAPI's extensions, without the scope that a server makes.
    solver = (Solver if "headers" in request.scope else MessageSolver)(
        request,
        request.scope.get(REQUEST_STACK, async_exit_stack),
        request.scope.get(FUNCTION_STACK, async_exit_stack),
        Place((), frozenset(), behaviour),
        body,
        embed=embed_body_fields,
        overrides=active_overrides(dependency_overrides_provider) or {},
        background=background_tasks,
        response=injected_response() if response is None else response,
        cache={} if dependency_cache is None else dependency_cache,
    )
    request.scope[SOLVER] = solver
    return await solver.solve(call, merged_scopes(dependant.parent_oauth_scopes, dependant.own_oauth_scopes))
