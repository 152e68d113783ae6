"""Modules that only say where a name of Starlette's stands."""

import subprocess
import sys
from importlib import import_module

import pytest

from rapide.background import BackgroundTasks


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("requests", ["HTTPConnection", "Request"]),
        ("websockets", ["WebSocket", "WebSocketDisconnect", "WebSocketState"]),
        ("templating", ["Jinja2Templates"]),
        ("testclient", ["TestClient"]),
        ("middleware", ["Middleware"]),
        ("middleware.gzip", ["GZipMiddleware"]),
        ("middleware.httpsredirect", ["HTTPSRedirectMiddleware"]),
        ("middleware.trustedhost", ["TrustedHostMiddleware"]),
        ("concurrency", ["iterate_in_threadpool", "run_in_threadpool", "run_until_first_complete"]),
    ],
)
def test_module_gives_starlettes_own_objects(module, names):
    """Code that knows Starlette's classes knows ours."""
    ours, theirs = import_module(f"rapide.{module}"), import_module(f"starlette.{module}")
    for name in names:
        assert getattr(ours, name) is getattr(theirs, name)
        assert name in ours.__all__


def test_wsgi_middleware_warns_as_starlettes_does():
    """The deprecation is Starlette's, and is not hidden."""
    source = (
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    from rapide.middleware.wsgi import WSGIMiddleware\n"
        "assert 'a2wsgi' in str(caught[-1].message), caught\n"
        "assert WSGIMiddleware.__module__ == 'starlette.middleware.wsgi'\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True)


def test_background_tasks_run_in_the_order_they_were_added():
    """Arguments are passed on, and `def` functions are called like `async def` ones."""
    import anyio

    log = []

    async def later(word, *, end):
        log.append(word + end)

    tasks = BackgroundTasks()
    tasks.add_task(log.append, "first")
    tasks.add_task(later, "second", end="!")
    anyio.run(tasks)
    assert log == ["first", "second!"]
