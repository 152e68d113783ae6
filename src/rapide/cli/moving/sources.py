"""What the files of an application say, read with `ast`: imports, functions, routes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rapide.cli.failures import CommandError

__all__ = ["Import", "Project", "Route", "Source", "read_project"]

_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace", "query"})
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_ENVIRONMENT_MARK = "pyvenv.cfg"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import statement brings.

    Attributes:
        module: the module that is imported, or imported from.
        name: the name that is taken from it; None for the module itself.
        line: where.
        for_types: it stands under `if TYPE_CHECKING`.
    """

    module: str
    name: str | None
    line: int
    for_types: bool


@dataclass(frozen=True, slots=True)
class Route:
    """One decorated endpoint: `@router.get("/books")`."""

    router: str
    methods: tuple[str, ...]
    path: str
    line: int
    function: Function
    call: ast.Call

    @property
    def is_socket(self) -> bool:
        """Whether it serves WebSockets."""
        return self.methods == ("websocket",)


@dataclass(frozen=True)
class Source:
    """One file."""

    path: Path
    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict)
    """Local names, and the dotted names that they were imported as."""
    imports: list[Import] = field(default_factory=list)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the file."""
        return list(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[Function]:
        """All functions, wherever they stand."""
        return (node for node in self.nodes if isinstance(node, Function))

    @property
    def calls(self) -> Iterator[ast.Call]:
        """All calls."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    @cached_property
    def uses_fastapi(self) -> bool:
        """Whether it imports FastAPI at all."""
        return any(_is_fastapi(entry.module) for entry in self.imports)

    @cached_property
    def routes(self) -> list[Route]:
        """The endpoints that it declares with decorators."""
        if not self.uses_fastapi:
            return []
        return [
            route
            for function in self.functions
            for decorator in function.decorator_list
            if (route := _route(function, decorator)) is not None
        ]

    def dotted(self, node: ast.AST | None) -> str:
        """Return what a name or an attribute stands for, as far as the imports tell; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self.dotted(node.value)}.{node.attr}"
        return ""

    def is_fastapi(self, node: ast.AST | None, *names: str) -> bool:
        """Tell whether a node is one of FastAPI's names, whichever module it was imported from."""
        module, _, name = self.dotted(node).rpartition(".")
        return name in names and (_is_fastapi(module) or module.startswith("starlette"))


@dataclass(frozen=True)
class Project:
    """All files of an application, and those that no parser can read."""

    sources: list[Source]
    broken: list[tuple[Path, SyntaxError]]

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """The names of everything that stands in `Depends()` or `Security()`, without their modules."""
        return frozenset(
            name
            for source in self.sources
            for call in source.calls
            if source.is_fastapi(call.func, "Depends", "Security")
            for name in _named(
                call.args[:1] + [key.value for key in call.keywords if key.arg == "dependency"]
            )
        ) | frozenset(self._by_annotation())

    def _by_annotation(self) -> Iterator[str]:
        """Yield classes that `Depends()` without an argument takes from the annotation."""
        for source in self.sources:
            declared = [pair for function in source.functions for pair in arguments_of(function)]
            for argument, default in declared:
                marker = _marker(source, argument.annotation, default)
                if marker is not None and not marker.args and not marker.keywords:
                    yield from _named([_bare(argument.annotation)])


def arguments_of(function: Function) -> list[tuple[ast.arg, ast.expr | None]]:
    """Return the parameters of a function with their defaults."""
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(function.args.defaults))
    return [
        *zip(positional, [*defaults, *function.args.defaults], strict=True),
        *zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True),
    ]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return the value of a keyword argument."""
    return next((key.value for key in call.keywords if key.arg == name), None)


def read_project(path: Path) -> Project:
    """Parse a file, or every Python file below a folder; environments and hidden folders are left out.

    Raises:
        CommandError: there is no such path, or no Python file below it.
    """
    if not path.exists():
        raise CommandError(f"{path} does not exist.")
    files = [path] if path.is_file() else sorted(_python_files(path))
    if not files:
        raise CommandError(f"There is no Python file in {path}.")
    sources: list[Source] = []
    broken: list[tuple[Path, SyntaxError]] = []
    for file in files:
        try:
            sources.append(_read(file))
        except SyntaxError as error:
            broken.append((file, error))
        except ValueError as error:  # not the encoding that it says, or a null byte
            broken.append((file, SyntaxError(str(error))))
    return Project(sources, broken)


def _python_files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            is_source = entry.name not in _SKIPPED and not entry.name.startswith(".")
            if is_source and not (entry / _ENVIRONMENT_MARK).exists():
                yield from _python_files(entry)
        elif entry.suffix == ".py" and entry.is_file():
            yield entry


def _read(path: Path) -> Source:
    source = Source(path, ast.parse(path.read_bytes(), filename=str(path)))
    typing_only = {
        id(inner)
        for node in source.nodes
        if isinstance(node, ast.If) and source.dotted(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in source.nodes:
        if isinstance(node, ast.Import):
            _take_import(source, node, for_types=id(node) in typing_only)
        elif isinstance(node, ast.ImportFrom):
            _take_from(source, node, for_types=id(node) in typing_only)
    return source


def _take_import(source: Source, node: ast.Import, *, for_types: bool) -> None:
    for alias in node.names:
        source.imports.append(Import(alias.name, None, node.lineno, for_types))
        if alias.asname:
            source.names[alias.asname] = alias.name


def _take_from(source: Source, node: ast.ImportFrom, *, for_types: bool) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        source.imports.append(Import(module, alias.name, node.lineno, for_types))
        source.names[alias.asname or alias.name] = f"{module}.{alias.name}"


def _is_fastapi(module: str) -> bool:
    return module == "fastapi" or module.startswith("fastapi.")


def _route(function: Function, decorator: ast.expr) -> Route | None:
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return None
    verb, router = decorator.func.attr, ast.unparse(decorator.func.value)
    path = decorator.args[0] if decorator.args else keyword(decorator, "path")
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return None
    if verb == "api_route":
        methods = tuple(text.lower() for text in _texts(keyword(decorator, "methods"))) or ("get",)
    elif verb in _METHODS or verb == "websocket":
        methods = (verb,)
    else:
        return None
    return Route(router, methods, path.value, decorator.lineno, function, decorator)


def _texts(node: ast.expr | None) -> list[str]:
    elements = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    return [element.value for element in elements if isinstance(element, ast.Constant)]  # type: ignore[misc]  # constants of any type; read as text


def _named(nodes: Sequence[ast.expr | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def _bare(annotation: ast.expr | None) -> ast.expr | None:
    """Return the type inside `Annotated[type, …]`."""
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        return annotation.slice.elts[0]
    return annotation


def _marker(source: Source, annotation: ast.expr | None, default: ast.expr | None) -> ast.Call | None:
    """Return the `Depends(…)` of a parameter, in its annotation or as its default."""
    inside = annotation.slice if isinstance(annotation, ast.Subscript) else None
    metadata = inside.elts[1:] if isinstance(inside, ast.Tuple) else []
    for node in (*metadata, default):
        if isinstance(node, ast.Call) and source.is_fastapi(node.func, "Depends", "Security"):
            return node
    return None


_PARAMETER = re.compile(r"\{[^}:]*(:[^}]*)?\}")


def path_pattern(path: str) -> re.Pattern[str]:
    """Return what a path with parameters matches."""
    parts: list[str] = []
    end = 0
    for found in _PARAMETER.finditer(path):
        parts += [re.escape(path[end : found.start()]), ".+" if found.group(1) == ":path" else "[^/]+"]
        end = found.end()
    return re.compile("".join([*parts, re.escape(path[end:])]))
