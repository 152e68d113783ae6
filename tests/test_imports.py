"""`import rapide` loads what an application needs to be declared, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_SOURCE = str(Path(__file__).parent.parent / "src")

# What only some applications use, or only tools: loaded when it is used.
_HEAVY = (
    "argon2",
    "authlib",
    "click",
    "cryptography",
    "email_validator",
    "granian",
    "h11",
    "httptools",
    "httpx",
    "httpx2",
    "hypercorn",
    "importlib.metadata",
    "itsdangerous",
    "jinja2",
    "joserfc",
    "jwt",
    "markupsafe",
    "opentelemetry",
    "pwdlib",
    "pydantic_settings",
    "pytest",
    "redis",
    "rich",
    "sqlalchemy",
    "starlette.templating",
    "starlette.testclient",
    "typer",
    "uvicorn",
    "uvloop",
    "watchfiles",
    "websockets",
    "yaml",
)
# Parts of Rapide that read the plan of a finished application, or serve it.
_OWN_LATE = (
    "rapide.audit",
    "rapide.auth",
    "rapide.cli",
    "rapide.fastapi",
    "rapide.frontends",
    "rapide.interpreter",
    "rapide.openapi.components",
    "rapide.openapi.document",
    "rapide.openapi.models",
    "rapide.openapi.operation",
    "rapide.openapi.schemas",
    "rapide.openapi.versions",
    "rapide.outputs",
    "rapide.routing.request_handler",
    "rapide.security.oauth2",
    "rapide.security.schemes",
    "rapide.streaming",
    "rapide.telemetry.export",
    "rapide.templating",
    "rapide.testing",
)
# What the extras bring, and what telemetry needs: an installation without them works.
_OPTIONAL = (
    "argon2",
    "authlib",
    "cryptography",
    "email_validator",
    "httpx2",
    "itsdangerous",
    "jinja2",
    "joserfc",
    "jwt",
    "multipart",
    "opentelemetry",
    "pwdlib",
    "pydantic_settings",
    "python_multipart",
    "redis",
    "rich",
    "sqlalchemy",
    "typer",
    "uvicorn",
    "uvloop",
    "watchfiles",
)
# Ceilings, a little over what they were when they were written down: a new dependency of `import rapide`
# shows up here, and is either worth it or not.
_MOST_OWN = 101
_MOST_BEYOND_PYDANTIC_AND_STARLETTE = 35


def _run(program: str) -> str:
    """Return what a program prints in a fresh interpreter that sees the source and no other paths of ours."""
    path = [_SOURCE, *(entry for entry in sys.path if "site-packages" in entry)]
    command = [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _loaded_by(statement: str) -> set[str]:
    program = f"import json\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    return set(json.loads(_run(program)))


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules that are there after `import rapide`."""
    return _loaded_by("import rapide")


@pytest.mark.parametrize("name", _HEAVY)
def test_import_loads_no_heavy_package(loaded: set[str], name: str) -> None:
    """No server, command line, HTTP client, template engine or telemetry is loaded by the import."""
    assert not [module for module in loaded if module == name or module.startswith(f"{name}.")]


@pytest.mark.parametrize("name", _OWN_LATE)
def test_import_leaves_late_parts_for_later(loaded: set[str], name: str) -> None:
    """What reads or serves finished applications is loaded when an application is finished."""
    assert not [module for module in loaded if module == name or module.startswith(f"{name}.")]


def test_import_loads_few_modules_of_its_own(loaded: set[str]) -> None:
    """The number of our modules stays under its ceiling."""
    own = [module for module in loaded if module.partition(".")[0] == "rapide"]
    assert len(own) <= _MOST_OWN


def test_import_loads_little_beside_pydantic_and_starlette(loaded: set[str]) -> None:
    """Beside Pydantic and Starlette, which every application loads, hardly anything comes along."""
    foundation = (
        "import asyncio, pydantic, starlette.applications, starlette.staticfiles; pydantic.TypeAdapter(int)"
    )
    others = {module for module in loaded if module.partition(".")[0] != "rapide"}
    beyond = others - _loaded_by(foundation)
    assert len(beyond) <= _MOST_BEYOND_PYDANTIC_AND_STARLETTE, sorted(beyond)


def test_fastapis_face_loads_no_heavy_package_either() -> None:
    """An application that moves over pays for nothing that it does not use."""
    loaded = _loaded_by("import rapide.fastapi")
    assert not [module for module in loaded if module.partition(".")[0] in _HEAVY]


@pytest.mark.parametrize("package", ["rapide", "rapide.fastapi"])
def test_import_works_where_no_extra_is_installed(package: str) -> None:
    """Starlette and Pydantic are enough to declare, compile and document an application."""
    output = _run(
        f"""
for name in {_OPTIONAL!r}:
    sys.modules[name] = None  # an import finds None, and fails
import {package} as package
application = getattr(package, "Rapide", None) or package.FastAPI
app = application()

@app.get("/items/{{item_id}}")
def read_item(item_id: int, q: str | None = None) -> dict[str, int]:
    return {{"item": item_id}}

app.prepare()
print("/items/{{item_id}}" in app.openapi()["paths"])
"""
    )
    assert output.strip() == "True"


def test_request_loads_nothing() -> None:
    """Once an application is prepared, a first request loads no further module."""
    output = _run(
        """
import asyncio, json, rapide

app = rapide.Rapide()

@app.post("/items/{item_id}")
async def make(item_id: int, body: dict[str, int], q: str = "") -> dict[str, int]:
    return body

app.prepare()

async def run():
    scope = {"type": "http", "method": "POST", "path": "/items/3", "query_string": b"q=1", "root_path": "",
             "headers": [(b"content-type", b"application/json")], "asgi": {}, "scheme": "http"}
    sent = []
    async def receive():
        return {"type": "http.request", "body": b'{"a": 1}'}
    async def send(message):
        sent.append(message)
    before = set(sys.modules)
    await app(scope, receive, send)
    assert sent[0]["status"] == 200, sent
    print(json.dumps(sorted(set(sys.modules) - before)))

asyncio.run(run())
"""
    )
    # AnyIO finds its back-end at the first look at the running loop.
    late = [module for module in json.loads(output) if not module.startswith(("anyio.", "sniffio"))]
    assert late == []


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import rapide.auth", ("argon2", "authlib", "cryptography", "httpx2", "joserfc", "jwt", "pwdlib")),
        ("from rapide.auth import hash_password", ("authlib", "httpx2", "jwt")),
        ("from rapide.auth import Token, Tokens, PasswordFlow", ("authlib", "httpx2")),
        ("from rapide.auth import APIKeys, VerifiedAPIKey", ("argon2", "authlib", "httpx2", "jwt")),
        ("from rapide.auth import SQLStore", ("argon2", "authlib", "httpx2", "jwt")),
    ],
)
def test_each_part_of_auth_loads_only_its_own(statement: str, absent: tuple[str, ...]) -> None:
    """A name brings what it needs, and no other part; a database comes with its store alone."""
    loaded = {module.partition(".")[0] for module in _loaded_by(statement)}
    assert not loaded & {*absent, "redis"}
    assert ("sqlalchemy" in loaded) is ("SQLStore" in statement)
