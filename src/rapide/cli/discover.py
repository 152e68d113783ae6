"""Which module holds the application, and which object of it is the application.

The order: PATH and `--app`; `--entrypoint`, `RAPIDE_ENTRYPOINT`, `entrypoint` in pyproject.toml; then the
usual files. Finding the module (`find_target`) imports nothing, so that a process which only supervises
others never runs the user's code. Loading (`load_target`) imports it.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rapide.cli.failures import CommandError, ImportFailedError, StartupError, UsageError

__all__ = ["LoadedApplication", "Target", "find_target", "load_target"]

DEFAULT_FILES = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
OBJECT_NAMES = ("app", "api")
FACTORY_NAMES = ("create_app", "make_app", "build_app")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the application is.

    Attributes:
        module: the name to import.
        attribute: the object in the module, dots allowed; None means that it is looked for.
        search_path: the directory that must come first on `sys.path`.
        factory: the object is a function that returns the application.
        alias_fastapi: `import fastapi` shall give rapide.fastapi.
        origin: how this target was chosen, for people.
    """

    module: str
    attribute: str | None
    search_path: str
    factory: bool = False
    alias_fastapi: bool = False
    origin: str = "auto-discovered"


@dataclass(frozen=True, slots=True)
class LoadedApplication:
    """An imported application, the `module:object` that names it, and remarks about the choice."""

    app: Any
    import_string: str
    remarks: tuple[str, ...] = ()


def find_target(
    *,
    path: Path | None = None,
    app_name: str | None = None,
    entrypoint: str | None = None,
    entrypoint_origin: str = "--entrypoint",
) -> Target:
    """Choose the module to import, without importing it.

    Args:
        path: a Python file, a package, or a directory with one of the usual files.
        app_name: the object in that file.
        entrypoint: `module:object`; used when neither of the others is given.
        entrypoint_origin: where the entrypoint was written.

    Returns:
        The target.

    Raises:
        CommandError: the path does not exist, the entrypoint is malformed, or no usual file is here.
    """
    if path is None and app_name is None and entrypoint:
        return _target_of_entrypoint(entrypoint, entrypoint_origin)
    if path is None:
        file, origin = _default_file(Path.cwd()), "auto-discovered"
    else:
        file, origin = _given_file(path), f"PATH {path}"
    module, search_path = _module_of(file)
    return Target(module, app_name, str(search_path), origin=origin)


def _target_of_entrypoint(entrypoint: str, origin: str) -> Target:
    module, colon, attribute = entrypoint.partition(":")
    names = [*module.split("."), *attribute.split(".")]
    if not colon or not all(name.isidentifier() for name in names):
        raise CommandError(
            f'{origin}: "{entrypoint}" is not an entry point.',
            remedy="Write module:object, for example main:app or shop.main:app.",
        )
    return Target(module, attribute, str(Path.cwd()), origin=origin)


def _default_file(directory: Path) -> Path:
    for name in DEFAULT_FILES:
        if (directory / name).is_file():
            return directory / name
    raise CommandError(
        f"No application was named, and {directory} has none of the usual files: {', '.join(DEFAULT_FILES)}.",
        remedy='Name the file (rapide run src/shop/main.py), or write entrypoint = "shop.main:app" under '
        "[tool.rapide] in pyproject.toml.",
    )


def _given_file(path: Path) -> Path:
    if not path.exists():
        hint = "It looks like an entry point: write -e " + str(path) if ":" in str(path) else None
        raise CommandError(
            f"Path does not exist: {path}", remedy=hint or "Name a Python file or a package directory."
        )
    if path.is_dir():
        return path / "__init__.py" if (path / "__init__.py").is_file() else _default_file(path.resolve())
    if path.suffix != ".py":
        raise CommandError(f"Not a Python file: {path}", remedy="Name a .py file or a package directory.")
    return path


def _module_of(file: Path) -> tuple[str, Path]:
    """Return the name to import a file by, and the directory that makes the name work."""
    file = file.resolve()
    names = [] if file.name == "__init__.py" else [file.stem]
    directory = file.parent
    while (directory / "__init__.py").is_file():
        names.insert(0, directory.name)
        directory = directory.parent
    bad = next((name for name in names if not name.isidentifier()), None)
    if bad is not None:
        raise CommandError(
            f'"{bad}" cannot be imported: it is not a Python name.',
            remedy="Rename the file or directory: letters, digits and underscores, no digit in front.",
        )
    return ".".join(names), directory


def load_target(target: Target, *, any_asgi: bool = False) -> LoadedApplication:
    """Import the module and take the application out of it.

    Args:
        target: what to import.
        any_asgi: accept any callable when the target names it, so that an application wrapped in middleware
            can be served; otherwise only Starlette applications, which Rapide's and FastAPI's are.

    Returns:
        The application.

    Raises:
        ImportFailedError: the module raised; `cause` has the reason.
        StartupError: FastAPI was loaded before its name could be taken.
        CommandError: the module holds no application.
    """
    if target.alias_fastapi:
        _alias_fastapi()
    _put_first_on_path(target.search_path)
    module = _import_module(target)
    if target.attribute is not None:
        name, found = target.attribute, _attribute_of(module, target)
        remarks: list[str] = []
    elif target.factory:
        name, found, remarks = _find_factory(module)
    else:
        name, found, remarks = _find_application(module)
    app = _call_factory(found, target, name) if target.factory else found
    _require_application(app, f"{target.module}:{name}", any_asgi=any_asgi)
    return LoadedApplication(app, f"{target.module}:{name}", tuple(remarks))


def _alias_fastapi() -> None:
    from rapide.fastapi import alias_fastapi

    try:
        alias_fastapi()
    except (
        Exception
    ) as error:  # whatever the reason: going on would serve the application on the wrong framework
        raise StartupError(f"--alias-fastapi: {error}") from error


def _put_first_on_path(directory: str) -> None:
    if sys.path[:1] != [directory]:
        sys.path.insert(0, directory)


def _import_module(target: Target) -> ModuleType:
    try:
        return importlib.import_module(target.module)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{target.module}.".startswith(f"{missing}."):
            remedy = f"It is looked for in {target.search_path}. Check the spelling ({target.origin})."
            raise CommandError(f'No module named "{missing}".', remedy=remedy) from error
        raise ImportFailedError(
            target.module, error, remedy=_missing_module_remedy(missing, target)
        ) from error
    except (Exception, SystemExit) as error:
        raise ImportFailedError(target.module, error) from error


def _missing_module_remedy(missing: str, target: Target) -> str:
    if missing == "fastapi" or missing.startswith("fastapi."):
        return "Import rapide.fastapi instead, or start with --alias-fastapi."
    folder = Path(target.search_path, *target.module.split(".")[:-1])
    local = folder / missing.partition(".")[0]
    if local.is_dir() or local.with_suffix(".py").is_file():
        return f"{os.path.relpath(folder)} holds it, but as no package: add the missing __init__.py files."
    return f'Install "{missing}" into the environment of {sys.executable}, or correct the name.'


def _attribute_of(module: ModuleType, target: Target) -> Any:
    found: Any = module
    for name in (target.attribute or "").split("."):
        if not hasattr(found, name):
            others = ", ".join(_application_names(module)) or "none"
            raise CommandError(
                f'"{target.module}" has no object "{target.attribute}" ({target.origin}).',
                remedy=f"Applications in the module: {others}.",
            )
        found = getattr(found, name)
    return found


def _application_names(module: ModuleType) -> list[str]:
    return [name for name in dir(module) if _is_application(getattr(module, name, None))]


def _is_application(found: object) -> bool:
    from starlette.applications import Starlette

    return isinstance(found, Starlette)


def _find_application(module: ModuleType) -> tuple[str, Any, list[str]]:
    """Take `app`, then `api`, then the first application in the order of names."""
    names = _application_names(module)
    if not names:
        raise CommandError(f'"{module.__name__}" holds no application.', remedy=_absence_remedy(module))
    preferred = next((name for name in OBJECT_NAMES if name in names), None)
    remarks: list[str] = []
    for name in OBJECT_NAMES:
        value = getattr(module, name, None)
        if callable(value) and not isinstance(value, type) and name not in names:
            remarks.append(
                f'"{name}" is a {type(value).__name__}, not an application; to serve it: --app {name}'
            )
    if preferred is None and len(names) > 1:
        remarks.append(
            f"{module.__name__} holds several applications: {', '.join(names)}; choose one with --app"
        )
    chosen = preferred or names[0]
    return chosen, getattr(module, chosen), remarks


def _absence_remedy(module: ModuleType) -> str:
    factory = next((name for name in FACTORY_NAMES if inspect.isfunction(getattr(module, name, None))), None)
    if factory is not None:
        return f"{factory}() looks like a factory: add --factory --app {factory}."
    wrapped = next((name for name in OBJECT_NAMES if callable(getattr(module, name, None))), None)
    if wrapped is not None:
        return f'"{wrapped}" is no Starlette application; to serve it anyhow, name it: --app {wrapped}.'
    return "Create one at module level (app = Rapide()), or name the object with --app."


def _find_factory(module: ModuleType) -> tuple[str, Any, list[str]]:
    for name in (*FACTORY_NAMES, *OBJECT_NAMES):
        if inspect.isfunction(getattr(module, name, None)):
            return name, getattr(module, name), []
    raise CommandError(
        f'"{module.__name__}" has no function called {", ".join(FACTORY_NAMES)}.',
        remedy="Name the factory: --app NAME.",
    )


def _call_factory(factory: Any, target: Target, name: str) -> Any:
    if not callable(factory) or _is_application(factory):
        raise UsageError(f"{target.module}:{name} is not a factory.", remedy="Leave --factory out.")
    try:
        return factory()
    except (Exception, SystemExit) as error:
        raise ImportFailedError(f"{target.module}:{name}()", error) from error


def _require_application(app: object, import_string: str, *, any_asgi: bool) -> None:
    if _is_application(app):
        return
    # A plain function cannot be ASGI 3; called with a scope, a factory would only fail at the first request.
    looks_like_factory = inspect.isfunction(app) and not inspect.iscoroutinefunction(app)
    if any_asgi and callable(app) and not isinstance(app, type) and not looks_like_factory:
        return
    remedy = "Name the application object."
    if looks_like_factory:
        remedy = "If it is a function that returns the application, add --factory."
    raise CommandError(f"{import_string} is a {type(app).__name__}, not an application.", remedy=remedy)
