"""The frameworks that are compared: where each is installed, how it starts, what is done by hand for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FRAMEWORKS", "ROOT", "Framework", "choose", "environment_of"]

ROOT = Path(__file__).parent.parent

_UVICORN = (
    "-m", "uvicorn", "{module}:app", "--host", "127.0.0.1", "--port", "{port}",
    "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error",
)  # fmt: skip
_SANIC = (
    "-m", "sanic", "{module}:app", "--host", "127.0.0.1", "--port", "{port}",
    "--single-process", "--no-access-logs", "--no-motd",
)  # fmt: skip
_ROBYN = ("-m", "{module}", "--processes", "1", "--workers", "1", "--log-level", "WARNING")
_DJANGO_BOLT = (
    "-m", "django", "runbolt", "--host", "127.0.0.1", "--port", "{port}",
    "--processes", "1", "--workers", "1", "--no-admin",
)  # fmt: skip


@dataclass(frozen=True)
class Framework:
    """One row of the comparison.

    `imports` is what an application imports first. `hinted` names package and class of those that declare by
    type hints. `packages` are the distributions whose versions the report names, the framework first. `serve`
    are the arguments of Python that start its server. `in_process` is False for those that only run on a
    server of their own. `by_hand` says what its application does that the others' frameworks do. A `variant`
    is no framework of its own: it shows in process what some option costs.
    """

    name: str
    title: str
    module: str
    packages: tuple[str, ...]
    serve: tuple[str, ...] = _UVICORN
    server: str = "uvicorn"
    in_process: bool = True
    by_hand: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    environment: str = ""
    imports: str = ""
    hinted: tuple[str, ...] = ()
    needs_python: tuple[int, int] = (3, 11)
    variant: bool = False

    @property
    def grows(self) -> bool:
        """Whether its application has routes that grow: bare ASGI, and those that declare by type hints."""
        return bool(self.hinted) or self.name == "asgi"

    @property
    def server_packages(self) -> tuple[str, ...]:
        """The distributions of the server beside it; none where it is the framework's own."""
        return ("uvicorn", "uvloop", "httptools") if self.server == "uvicorn" else ()

    @property
    def folder(self) -> str:
        """The name of its environment and of its locked requirements."""
        return self.environment or self.name


FRAMEWORKS: dict[str, Framework] = {
    framework.name: framework
    for framework in [
        Framework(
            "asgi",
            "bare ASGI",
            "bench.apps.bare",
            ("pydantic",),
            by_hand="everything; validation with Pydantic",
        ),
        Framework(
            "rapide",
            "Rapide",
            "bench.apps.rapide_app",
            ("starlette", "pydantic"),
            imports="rapide",
            hinted=("rapide", "Rapide"),
        ),
        Framework(
            "rapide.fastapi",
            "Rapide, FastAPI face",
            "bench.apps.rapide_fastapi_app",
            ("starlette", "pydantic"),
            environment="rapide",
            imports="rapide.fastapi",
            hinted=("rapide.fastapi", "FastAPI"),
        ),
        Framework(
            "rapide.unguarded",
            "Rapide without guards",
            "bench.apps.rapide_unguarded_app",
            ("starlette", "pydantic"),
            environment="rapide",
            variant=True,
        ),
        Framework(
            "fastapi",
            "FastAPI",
            "bench.apps.fastapi_app",
            ("fastapi", "starlette", "pydantic"),
            imports="fastapi",
            hinted=("fastapi", "FastAPI"),
        ),
        Framework(
            "starlette",
            "Starlette",
            "bench.apps.starlette_app",
            ("starlette", "pydantic"),
            by_hand="parameters, validation with Pydantic, dependencies",
            imports="starlette.applications",
        ),
        Framework(
            "litestar",
            "Litestar",
            "bench.apps.litestar_app",
            ("litestar", "msgspec"),
            imports="litestar",
        ),
        Framework(
            "blacksheep",
            "BlackSheep",
            "bench.apps.blacksheep_app",
            ("blacksheep", "pydantic", "orjson"),
            by_hand="dependency graph, worker threads, JSON of the long list",
            imports="blacksheep",
        ),
        Framework(
            "falcon",
            "Falcon",
            "bench.apps.falcon_app",
            ("falcon", "msgspec"),
            by_hand="validation with msgspec, dependencies, threads",
            imports="falcon.asgi",
        ),
        Framework(
            "sanic",
            "Sanic",
            "bench.apps.sanic_app",
            ("sanic", "msgspec"),
            serve=_SANIC,
            server="its own, Python",
            in_process=False,
            by_hand="validation with msgspec, dependencies, threads",
            imports="sanic",
        ),
        Framework(
            "robyn",
            "Robyn",
            "bench.apps.robyn_app",
            ("robyn", "msgspec", "orjson"),
            serve=_ROBYN,
            server="its own, Rust",
            in_process=False,
            by_hand="validation with msgspec, dependencies, form",
            variables=(("ROBYN_PORT", "{port}"),),
            imports="robyn",
        ),
        Framework(
            "django-bolt",
            "django-bolt",
            "bench.apps.django_bolt_app",
            ("django-bolt", "django", "msgspec"),
            serve=_DJANGO_BOLT,
            server="its own, Rust",
            in_process=False,
            by_hand="dependency graph",
            variables=(("DJANGO_SETTINGS_MODULE", "bench.apps.django_bolt_settings"),),
            needs_python=(3, 12),
            imports="django_bolt",
        ),
    ]
}


@dataclass(frozen=True)
class Environment:
    """A framework, and the interpreter that has it installed."""

    framework: Framework
    python: str

    def command(self, port: int) -> list[str]:
        """The command that serves its application on a port of 127.0.0.1."""
        values = {"module": self.framework.module, "port": port}
        return [self.python, *(part.format(**values) for part in self.framework.serve)]

    def variables(self, port: int = 0) -> dict[str, str]:
        """The environment variables of its processes."""
        own = {name: value.format(port=port) for name, value in self.framework.variables}
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
        return {**kept, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}", "PYTHONHASHSEED": "0", **own}


def environment_of(framework: Framework) -> Environment | None:
    """The framework's environment under this version of Python; None when it has not been made."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    python = ROOT / ".venv-bench" / version / framework.folder / "bin" / "python"
    if sys.version_info >= framework.needs_python and (python.parent.parent / "made-from").exists():
        return Environment(framework, str(python))
    return None


def choose(names: Iterable[str]) -> list[Environment]:
    """The environments of these frameworks, of all without names.

    Raises ValueError for a name that is none.
    """
    wanted = list(names) or list(FRAMEWORKS)
    unknown = [name for name in wanted if name not in FRAMEWORKS]
    if unknown:
        raise ValueError(f"no such framework: {', '.join(unknown)} (there are {', '.join(FRAMEWORKS)})")
    return [found for name in wanted if (found := environment_of(FRAMEWORKS[name])) is not None]
