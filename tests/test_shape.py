"""The shape of the source: sizes, nesting, cycles and what every module must have.

The limits and their reasons stand in CONTRIBUTING.md. Each test lists everything that breaks its rule.
"""

import ast
import functools
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parent.parent / "src"
_VENDORED = _SOURCE / "rapide" / "docs" / "static"

_MODULE_LINES = 400
_BODY_LINES = 60
_NESTING = 3

# Functions that may be longer than _BODY_LINES: "module.qualified_name" -> why it is clearer in one piece.
_LONG_FUNCTIONS: dict[str, str] = {}

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef)


@functools.cache
def _modules() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its dotted name."""
    return {
        _module_name(path): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in sorted((_SOURCE / "rapide").rglob("*.py"))
        if not path.is_relative_to(_VENDORED)
    }


def _module_name(path: Path) -> str:
    """`src/rapide/plan/__init__.py` -> `rapide.plan.__init__`; a package keeps the name of its file."""
    return ".".join(path.relative_to(_SOURCE).with_suffix("").parts)


def _file(module: str) -> str:
    return "src/" + module.replace(".", "/") + ".py"


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function below a node with its qualified name, the nested ones too."""
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}.{child.name}" if isinstance(child, _SCOPES) else prefix
        if isinstance(child, _FUNCTIONS):
            yield name, child
        yield from _functions(child, name)


def _all_functions() -> Iterator[tuple[str, str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for module, tree in _modules().items():
        for name, function in _functions(tree, module):
            yield module, name, function


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines the body takes, the docstring and the signature left out."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body:
        return 0
    last = body[-1].end_lineno
    assert last is not None
    return last - body[0].lineno + 1


def _depth(statements: list[ast.stmt]) -> int:
    """How many blocks stand inside each other; `elif` goes no deeper, and a nested function starts again."""
    return max((_depth_of(statement) for statement in statements), default=0)


def _depth_of(statement: ast.stmt) -> int:
    if not isinstance(statement, _BLOCKS):
        return 0
    if (
        isinstance(statement, ast.If)
        and len(statement.orelse) == 1
        and isinstance(statement.orelse[0], ast.If)
    ):
        return max(1 + _depth(statement.body), _depth_of(statement.orelse[0]))
    inner: list[ast.stmt] = []
    for field in ("body", "orelse", "finalbody"):
        inner += getattr(statement, field, [])
    for branch in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        inner += branch.body
    return 1 + _depth(inner)


def _imports(module: str, tree: ast.Module) -> Iterator[str]:
    """The package's own modules that a module imports anywhere, in functions and for type checkers too."""
    package = module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted = [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            wanted = [(base, alias.name) for alias in node.names]
        else:
            continue
        yield from filter(None, (_resolve(*pair) for pair in wanted))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """`from ..plan import x` inside `rapide.inputs.path` -> `rapide.plan`."""
    if not node.level:
        return node.module or ""
    start = package.split(".")[: len(package.split(".")) - (node.level - 1)]
    return ".".join([*start, *filter(None, [node.module])])


def _resolve(base: str, name: str) -> str | None:
    """The module that an import names: a submodule before a name in the package, none outside Rapide."""
    candidates = [f"{base}.{name}", f"{base}.{name}.__init__"] if name else []
    return next((each for each in [*candidates, base, f"{base}.__init__"] if each in _modules()), None)


def test_modules_fit_their_limit_of_lines() -> None:
    """No module is longer than 400 lines."""
    lengths = {
        module: len((_SOURCE.parent / _file(module)).read_text().splitlines()) for module in _modules()
    }
    too_long = [
        f"{_file(module)}: {lines} lines" for module, lines in lengths.items() if lines > _MODULE_LINES
    ]
    assert not too_long, f"more than {_MODULE_LINES} lines:\n" + "\n".join(too_long)


def test_function_bodies_fit_a_screen() -> None:
    """No function body is longer than 60 lines, unless the allow-list gives a reason."""
    too_long = [
        f"{_file(module)}:{function.lineno} {name}: {_body_lines(function)} lines"
        for module, name, function in _all_functions()
        if _body_lines(function) > _BODY_LINES and name not in _LONG_FUNCTIONS
    ]
    assert not too_long, f"bodies of more than {_BODY_LINES} lines:\n" + "\n".join(too_long)


def test_the_allow_list_names_only_functions_that_need_it() -> None:
    """An entry of the allow-list goes when its function is gone or short, and each has a reason."""
    long = {name for _, name, function in _all_functions() if _body_lines(function) > _BODY_LINES}
    assert set(_LONG_FUNCTIONS) <= long
    assert all(_LONG_FUNCTIONS.values())


def test_blocks_are_nested_three_deep_at_most() -> None:
    """In no function do more than three blocks stand inside each other."""
    too_deep = [
        f"{_file(module)}:{function.lineno} {name}: {_depth(function.body)} deep"
        for module, name, function in _all_functions()
        if _depth(function.body) > _NESTING
    ]
    assert not too_deep, f"blocks more than {_NESTING} deep:\n" + "\n".join(too_deep)


def test_no_module_imports_itself_over_others() -> None:
    """There is no cycle of imports, lazy ones and those for type checkers included."""
    graph = {module: set(_imports(module, tree)) - {module} for module, tree in _modules().items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(
            "import cycle, each imports the next: " + " -> ".join(map(_file, reversed(error.args[1])))
        )


def test_every_folder_says_what_it_is_for() -> None:
    """Each folder has an `__init__` with a docstring."""
    folders = {
        path.parent for path in (_SOURCE / "rapide").rglob("*.py") if not path.is_relative_to(_VENDORED)
    }
    inits = {_module_name(folder / "__init__.py"): folder for folder in sorted(folders)}
    silent = [
        _file(module)
        for module in inits
        if module not in _modules() or not ast.get_docstring(_modules()[module])
    ]
    assert not silent, "missing, or without a docstring:\n" + "\n".join(silent)


def test_public_modules_list_their_names() -> None:
    """Each module that others may import says in `__all__` which of its names are public."""
    public = [
        module
        for module in _modules()
        if not any(part.startswith("_") for part in module.removesuffix(".__init__").split("."))
    ]
    silent = [
        _file(module) for module in public if _says_more_than_a_docstring(module) and not _lists_names(module)
    ]
    assert not silent, "without __all__:\n" + "\n".join(silent)


def _says_more_than_a_docstring(module: str) -> bool:
    """Whether there is anything to list: the `__init__` of many a folder only says what the folder is for."""
    body = _modules()[module].body
    return len(body) > 1 or not (body and isinstance(body[0], ast.Expr))


def _lists_names(module: str) -> bool:
    """Whether the module assigns `__all__` at its top, with a hint or without."""
    targets = [
        target
        for node in _modules()[module].body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
