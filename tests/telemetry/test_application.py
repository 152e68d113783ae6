"""When telemetry is on, and what it costs when it is off."""

import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from starlette.middleware import Middleware

from rapide import Rapide
from rapide.middleware.gzip import GZipMiddleware
from rapide.testclient import TestClient

_WITHOUT_TELEMETRY = """
import asyncio, sys
from rapide import Rapide

app = Rapide()

@app.get("/")
async def endpoint():
    return 1

async def run():
    async def receive():
        return {"type": "http.request", "body": b""}
    async def send(message):
        pass
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    await app(scope, receive, send)

asyncio.run(run())
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_opentelemetry_is_not_imported_without_configuration():
    """Neither by the framework nor by an application that has served a request."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TELEMETRY], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


_LATE_PROVIDER = """
from contextlib import asynccontextmanager
from rapide import Rapide
from rapide.testclient import TestClient
from telemetry_records import Records

@asynccontextmanager
async def lifespan(app):
    from opentelemetry import trace
    global records
    records = Records()
    trace.set_tracer_provider(records.tracers)
    yield

app = Rapide(lifespan=lifespan)
app.get("/")(lambda: 1)
TestClient(app).get("/")
with TestClient(app) as client:
    client.get("/")
print(records.names)
"""


def test_providers_that_the_start_of_the_application_configures_count():
    """The decision is made again in each life, even when requests came before."""
    path = [entry for entry in sys.path if entry]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{_LATE_PROVIDER}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "'GET /'" in done.stdout


def _calls(app):
    """Return the Python functions that one request calls, after a first one."""
    import anyio

    names = []

    def note(frame, event, arg):
        if event == "call":
            names.append(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}")

    async def run():
        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            pass

        def scope():
            return {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}

        await app(scope(), receive, send)
        sys.setprofile(note)
        try:
            await app(scope(), receive, send)
        finally:
            sys.setprofile(None)

    anyio.run(run)
    return [name for name in names if name.startswith("rapide.")]


def _app(**options):
    app = Rapide(**options)

    @app.get("/")
    async def endpoint():
        return 1

    return app


def test_a_request_without_telemetry_passes_no_function_of_it():
    """Nothing of the package is called, though OpenTelemetry is imported in this process."""
    import opentelemetry.trace  # noqa: F401 -- what matters is that it is there

    assert [name for name in _calls(_app()) if "telemetry" in name or "observe" in name] == []


def test_a_request_with_telemetry_passes_it(records):
    """The count above would see it."""
    calls = _calls(_app(telemetry=records.config))
    assert [name for name in calls if "rapide.telemetry" in name]


def test_handlers_without_telemetry_report_nothing(records):
    """The text of a handler has a word of observation in it only where there is somebody to report to."""
    plain, recorded = _app(), _app(telemetry=records.config)
    for app in (plain, recorded):
        TestClient(app).get("/")
    assert "observed" not in plain.explain("GET", "/")
    assert "observed" in recorded.explain("GET", "/")


def test_routes_that_are_added_later_are_recorded(records):
    """Handlers made before the decision are made again, and later ones report from the start."""
    app = _app(telemetry=records.config)
    app.prepare()
    client = TestClient(app)
    client.get("/")
    app.get("/later")(lambda: 1)
    client.get("/later")
    assert records.names.count("rapide.endpoint") == 2


def test_the_outermost_layer_stays_what_others_look_for(records):
    """Contrib's instrumentation wants Starlette's ServerErrorMiddleware first, and finds it."""
    from starlette.middleware.errors import ServerErrorMiddleware

    app = _app(telemetry=records.config, middleware=[Middleware(GZipMiddleware)])
    TestClient(app).get("/")
    assert isinstance(app.middleware_stack, ServerErrorMiddleware)
    assert isinstance(app.build_middleware_stack(), ServerErrorMiddleware)


def test_a_provider_that_is_none_fails_loudly():
    """A mistake in the settings is no reason to serve without telemetry."""
    client = TestClient(_app(telemetry={"tracer_provider": object()}))
    for _ in range(2):
        with pytest.raises(AttributeError, match="get_tracer"):
            client.get("/")


def test_a_failing_start_goes_through(records):
    """What the application's own start raises is not telemetry's business."""

    @asynccontextmanager
    async def lifespan(app):
        raise LookupError("start")
        yield

    with (
        pytest.raises(LookupError, match="start"),
        TestClient(_app(telemetry=records.config, lifespan=lifespan)),
    ):
        pass


class _Unreachable:
    async def flush(self):
        """Fail, as an exporter without a network does."""
        raise OSError("unreachable")


def test_an_export_that_fails_in_the_end_is_a_warning(monkeypatch, caplog):
    """The application ends in order all the same."""
    from rapide.telemetry import export

    async def configure(settings):
        return _Unreachable()

    monkeypatch.setattr(export, "configure", configure)
    ended = []

    @asynccontextmanager
    async def lifespan(app):
        yield
        ended.append(True)

    with TestClient(_app(telemetry={"auto_configure": True}, lifespan=lifespan)) as client:
        assert client.get("/").json() == 1
    assert ended == [True]
    assert [record.getMessage() for record in caplog.records if record.name == "rapide"] == [
        "Sending the last telemetry failed: unreachable"
    ]
