"""What to look for: one function for each difference that the code shows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from rapide.cli.moving.findings import GUIDE, ON_BOTH_FACES, Finding, find
from rapide.cli.moving.sources import Function, Project, Route, Source, arguments_of, keyword, path_pattern

__all__ = ["RULES"]

Rule = Callable[[Project, Source], Iterator[Finding]]

# What every application's clients or developers may notice: (field, what changes, what to do).
_EVERYWHERE = (
    (
        "errors",
        "Errors are application/problem+json; validation errors move from `detail` to `errors`.",
        "Tell the clients that read them.",
    ),
    ("echo_input", "A 422 no longer repeats what was sent: its entries have neither `input` nor `ctx`.", ""),
    ("slashes", "A path that differs by a trailing slash is served; there is no redirect.", ""),
    ("automatic_methods", "HEAD and OPTIONS are answered for every GET; they were 405.", ""),
    (
        "max_json_size",
        "A JSON body over 1 MiB is a 413; there was no limit.",
        "Say max_body_size= where more is right.",
    ),
    ("unsupported_media_type", "A body that does not say it is JSON is a 415; it was a 422.", ""),
    ("json_policy", "Values without a model are written as with one: Decimal as text, NaN as null.", ""),
    (
        "operation_ids",
        "Operation ids are the functions' names, so methods of generated clients change.",
        "Make the clients again.",
    ),
)
_CREDENTIALS = ("HTTPBearer", "HTTPBasic", "OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer")
_RESPONSES = (
    "Response",
    "JSONResponse",
    "HTMLResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "StreamingResponse",
    "FileResponse",
    "ORJSONResponse",
    "UJSONResponse",
)
_SEQUENCES = frozenset({"list", "set", "tuple", "frozenset", "List", "Set", "Tuple", "Sequence"})
_SCALARS = frozenset({"str", "int", "float", "bool", "bytes", "UUID", "date", "datetime", "Decimal"})
_MARKERS = ("Query", "Body", "Header", "Cookie", "Path", "Form", "File", "Depends", "Security")


def applications(project: Project, source: Source) -> Iterator[Finding]:
    """What changes for every application, at the line that makes it."""
    for call in source.calls:
        if not source.is_fastapi(call.func, "FastAPI"):
            continue
        for field, message, remedy in _EVERYWHERE:
            if field == "slashes" and _is_constant(keyword(call, "redirect_slashes"), value=False):
                continue
            yield find(source, call, message, remedy, field=field)
        if not _is_constant(keyword(call, "openapi_url"), value=None):
            yield find(
                source,
                call,
                "/docs and /redoc load their files from the application, not from a CDN.",
                field="local_docs",
            )


def _is_constant(node: ast.expr | None, *, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def order_of_routes(project: Project, source: Source) -> Iterator[Finding]:
    """A literal path behind a parameter that took its requests."""
    for number, literal in enumerate(source.routes):
        if "{" in literal.path:
            continue
        taken = next((route for route in source.routes[:number] if _takes(route, literal)), None)
        if taken is not None:
            yield find(
                source,
                literal.line,
                f"Requests to {literal.path} reach {literal.function.name}; so far {taken.path} took them.",
                "Remove the endpoint if nobody missed it.",
                field="routing",
            )


def _takes(earlier: Route, later: Route) -> bool:
    return (
        earlier.router == later.router
        and "{" in earlier.path
        and not set(earlier.methods).isdisjoint(later.methods)
        and path_pattern(earlier.path).fullmatch(later.path) is not None
    )


def exits(project: Project, source: Source) -> Iterator[Finding]:
    """Dependencies with `yield`."""
    for function in source.functions:
        if function.name in project.dependencies and _yields(function):
            yield find(
                source,
                function,
                f"What stands behind the yield of {function.name} runs before the response; its failure is"
                " a 500. Background tasks run after it.",
                "Let background tasks open what they need.",
                field="dependency_exit",
            )


def _yields(function: Function) -> bool:
    """Tell whether a function is a generator; what functions inside it yield is theirs."""
    open_nodes: list[ast.AST] = list(function.body)
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            open_nodes += ast.iter_child_nodes(node)
    return False


def classes(project: Project, source: Source) -> Iterator[Finding]:
    """Classes as dependencies."""
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and node.name in project.dependencies:
            yield find(
                source,
                node,
                f"The dependency {node.name} is made on the event loop, not on a thread.",
                "If its constructor blocks, let a def function make it.",
                field="inline_classes",
            )


def sequences(project: Project, source: Source) -> Iterator[Finding]:
    """Lists of scalars on methods without a body; and bare lists, which were files."""
    for route in source.routes:
        for argument, default in arguments_of(route.function):
            if _is_marked(source, argument.annotation, default):
                continue
            if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "list":
                note = find(source, argument, "", field="query_sequences")
                yield _on_both_faces(
                    note,
                    f"The bare list {argument.arg} is a JSON body; FastAPI takes it for a file.",
                    "Say what is in it: list[UploadFile], list[str].",
                )
            elif {"get", "head", "delete"}.issuperset(route.methods) and _is_scalar_list(argument.annotation):
                yield find(
                    source,
                    argument,
                    f"{argument.arg} is read from the query; it was the body.",
                    "Mark it with Body() if clients do send a body.",
                    field="query_sequences",
                )


def _is_marked(source: Source, annotation: ast.expr | None, default: ast.expr | None) -> bool:
    nodes = [node for tree in (annotation, default) if tree is not None for node in ast.walk(tree)]
    return any(isinstance(node, ast.Call) and source.is_fastapi(node.func, *_MARKERS) for node in nodes)


def _is_scalar_list(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.BinOp):  # list[int] | None
        return _is_scalar_list(annotation.left) or _is_scalar_list(annotation.right)
    if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Name | ast.Tuple):
        return False
    inside = annotation.slice.elts[0] if isinstance(annotation.slice, ast.Tuple) else annotation.slice
    return ast.unparse(annotation.value) in _SEQUENCES and ast.unparse(inside) in _SCALARS


def injected_responses(project: Project, source: Source) -> Iterator[Finding]:
    """Endpoints that take a `Response` and return another."""
    for route in source.routes:
        annotations = [argument.annotation for argument, _ in arguments_of(route.function)]
        if not any(source.is_fastapi(annotation, "Response") for annotation in annotations):
            continue
        returns = (node for node in ast.walk(route.function) if isinstance(node, ast.Return))
        for node in returns:
            if _makes_response(source, node.value):
                message = "Headers and cookies of the Response parameter are on this response too."
                yield find(source, node, message, field="merge_injected_response")


def _makes_response(source: Source, node: ast.expr | None) -> bool:
    return isinstance(node, ast.Call) and source.is_fastapi(node.func, *_RESPONSES)


def credentials(project: Project, source: Source) -> Iterator[Finding]:
    """Security schemes that read the Authorization header."""
    for call in source.calls:
        if source.is_fastapi(call.func, *_CREDENTIALS):
            yield find(
                source,
                call,
                "An empty bearer token, and Basic with loose base64, are refused.",
                field="strict_credentials",
            )


def forms(project: Project, source: Source) -> Iterator[Finding]:
    """Uploads, which have a limit now."""
    for route in source.routes:
        if keyword(route.call, "max_body_size") is not None:
            continue
        declared = [tree for argument in arguments_of(route.function) for tree in _trees(*argument)]
        nodes = [node for tree in declared for node in ast.walk(tree)]
        if any(source.is_fastapi(node, "UploadFile", "File") for node in nodes):
            yield find(
                source,
                route.line,
                f"An upload to {route.path} may have 16 MiB; there was no limit.",
                "Say max_body_size= on the route.",
                field="max_form_size",
            )


def _trees(argument: ast.arg, default: ast.expr | None) -> list[ast.expr]:
    return [tree for tree in (argument.annotation, default) if tree is not None]


def typing_names(project: Project, source: Source) -> Iterator[Finding]:
    """Annotations of endpoints and dependencies whose names exist for type checkers only."""
    hidden = {entry.name for entry in source.imports if entry.for_types and entry.name}
    served = {id(route.function) for route in source.routes}
    for function in source.functions:
        if id(function) not in served and function.name not in project.dependencies:
            continue
        for argument, _ in arguments_of(function):
            names = {node.id for node in _annotation_nodes(argument.annotation) if isinstance(node, ast.Name)}
            for name in sorted(names & hidden):
                yield find(
                    source,
                    argument,
                    f"{name} is imported for type checkers only: {argument.arg} is an error at start;"
                    " FastAPI makes an untyped query parameter of it.",
                    "Import it outside `if TYPE_CHECKING`.",
                    field="missing_names",
                )


def _annotation_nodes(annotation: ast.expr | None) -> Iterator[ast.AST]:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return
    if annotation is not None:
        yield from ast.walk(annotation)


def mounts(project: Project, source: Source) -> Iterator[Finding]:
    """Mounted applications, whose lifespans run now."""
    for call in source.calls:
        if source.uses_fastapi and isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
            mounted = call.args[1] if len(call.args) > 1 else keyword(call, "app")
            if isinstance(mounted, ast.Name | ast.Attribute):
                yield find(
                    source,
                    call,
                    f"The lifespan of {ast.unparse(mounted)} runs, inside the application's.",
                    "Remove what started it by hand.",
                    field="mounted_lifespans",
                )


def fault_handlers(project: Project, source: Source) -> Iterator[Finding]:
    """Handlers of everything that goes wrong."""
    for call in source.calls:
        is_handler = isinstance(call.func, ast.Attribute) and call.func.attr == "exception_handler"
        if is_handler and call.args and ast.unparse(call.args[0]) in {"Exception", "500"}:
            message = "This handler's answer passes the middleware: it has CORS headers and the like."
            yield find(source, call, message, field="errors_inside_middleware")


def error_bodies(project: Project, source: Source) -> Iterator[Finding]:
    """Code that reads the entries of a 422: `response.json()["detail"][0]`."""
    for node in source.nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Subscript):
            inner = node.value
            reads_json = isinstance(inner.value, ast.Call) and ast.unparse(inner.value.func).endswith(".json")
            if reads_json and _is_text([inner.slice], "detail"):
                yield find(
                    source,
                    node,
                    "Validation errors are under `errors`, not under `detail`.",
                    'Read ["errors"].',
                    field="errors",
                )


def loggers(project: Project, source: Source) -> Iterator[Finding]:
    """Settings of FastAPI's logger."""
    for call in source.calls:
        if source.dotted(call.func) == "logging.getLogger" and _is_text(call.args[:1], "fastapi"):
            yield find(source, call, 'The logger is called "rapide".', field="logger")


def _is_text(nodes: list[ast.expr], text: str) -> bool:
    return any(isinstance(node, ast.Constant) and node.value == text for node in nodes)


def _on_both_faces(note: Finding, message: str, remedy: str) -> Finding:
    link = f"{GUIDE}#{ON_BOTH_FACES}"
    return replace(note, severity="warning", message=message, remedy=remedy, link=link, field=None)


#: In the order of the guide; a finding's place in the output is that of its line.
RULES: tuple[Rule, ...] = (
    applications,
    error_bodies,
    fault_handlers,
    exits,
    classes,
    typing_names,
    order_of_routes,
    forms,
    sequences,
    credentials,
    injected_responses,
    mounts,
    loggers,
)
