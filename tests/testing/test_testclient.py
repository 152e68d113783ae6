"""The client for plain test functions, and the HTTP library below both clients."""

import subprocess
import sys
from importlib import import_module

import pytest
import starlette.testclient

from rapide import Rapide


@pytest.mark.parametrize("module", ["rapide.testing", "rapide.testclient", "rapide.fastapi.testclient"])
def test_client_is_one_class_under_all_names(module):
    """Wherever it is imported from, it is Starlette's class."""
    assert import_module(module).TestClient is starlette.testclient.TestClient


def test_client_needs_no_block_for_requests():
    """It works as everyone knows it."""
    app = Rapide()

    @app.get("/")
    def endpoint():
        return "hello"

    assert starlette.testclient.TestClient(app).get("/").json() == "hello"


def _run(code):
    """Run a program in a fresh interpreter and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", ["rapide.testing", "rapide.testclient", "rapide.fastapi.testclient"])
def test_a_missing_http_library_is_said_with_advice(module):
    """Without httpx2 and httpx the import fails with a name and a command; the framework does not."""
    printed = _run(
        f"""
import sys
sys.modules["httpx2"] = sys.modules["httpx"] = None  # as if they were not installed
import rapide
try:
    import {module}
except ModuleNotFoundError as exc:
    print(exc.name)
    print(exc)
"""
    )
    name, advice = printed.splitlines()
    assert name == "httpx2"
    assert 'pip install "rapide[standard]"' in advice


def test_httpx_takes_the_place_of_httpx2():
    """With only the older library, whose interface is the same, both clients are built on that."""
    printed = _run(
        """
import sys, warnings
import httpx2
sys.modules["httpx"] = httpx2  # an httpx, as far as the client can see
sys.modules["httpx2"] = None
warnings.simplefilter("ignore")  # Starlette's, that httpx2 is the one to install
import anyio
from rapide import Rapide
from rapide.testing import AsyncTestClient

async def main():
    async with AsyncTestClient(Rapide()) as client:
        print((await client.get("/nowhere")).status_code)

anyio.run(main)
"""
    )
    assert printed == "404\n"


def test_importing_the_framework_loads_no_http_client():
    """Only who imports a test client pays for it."""
    printed = _run("import rapide, sys; print({'httpx', 'httpx2', 'rapide.testing'} & set(sys.modules))")
    assert printed == "set()\n"
