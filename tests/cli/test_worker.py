"""What a serving process does before its first request."""

import logging

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from rapide.cli import worker
from rapide.cli.discover import LoadedApplication, find_target
from rapide.cli.failures import ImportFailedError, StartupError
from rapide.cli.logs import LogSettings
from rapide.cli.worker import HeadLimits, ServePlan, announce, is_loopback, load_for_serving, received_plan


def _plan(**changes):
    fields = {
        "target": find_target(entrypoint="main:app"),
        "development": False,
        "host": "0.0.0.0",
        "port": 8000,
    }
    return ServePlan(**{**fields, **changes})


@pytest.fixture
def handed_on(monkeypatch):
    """Hand a plan on, and take the variable back after the test."""
    monkeypatch.setenv(worker.PLAN_VARIABLE, "")
    return worker.hand_on_plan


def test_a_plan_arrives_as_it_was_handed_on(project, handed_on):
    """Worker processes must do exactly what the command was told."""
    plan = _plan(
        logs=LogSettings("json", "debug", False), head=HeadLimits(1, 2, 3), trusted_proxies="*", pinned=True
    )
    handed_on(plan)
    assert received_plan() == plan


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "http://0.0.0.0:8000"),
        ({"host": "::1", "port": 1, "scheme": "https"}, "https://[::1]:1"),
        ({"host": "unix:/run/api.sock"}, "unix:/run/api.sock"),
        ({"public_url": "https://shop.example.org/api/"}, "https://shop.example.org/api"),
    ],
)
def test_the_printed_address_is_where_clients_find_the_server(project, changes, url):
    """A public address outweighs the one the server listens on."""
    assert _plan(**changes).base_url == url


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("unix:/x", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("api.example.org", False), ("", False)],
)  # fmt: skip
def test_only_loopback_addresses_are_out_of_reach(host, expected):
    """Anything that is not certainly this machine alone counts as reachable."""
    assert is_loopback(host) is expected


def test_the_application_is_prepared_before_it_serves(project):
    """All routes are compiled when the first request comes."""
    project.write_api()
    assert load_for_serving(_plan()).app.prepared


def test_an_application_without_preparation_is_served_as_it_is(project):
    """Any ASGI application can be served."""
    project.write("main.py", "async def app(scope, receive, send): ...\n")
    assert load_for_serving(_plan()).import_string == "main:app"


def test_a_failing_preparation_is_a_failure_at_start(project):
    """A route that cannot be compiled must not wait for its first request to say so."""
    project.write_api(
        "main.py", "class Broken(Api):\n    def prepare(self):\n        1 / 0\napp = Broken()\n"
    )
    with pytest.raises(ImportFailedError) as caught:
        load_for_serving(_plan())
    assert isinstance(caught.value.cause, ZeroDivisionError)


def test_debug_mode_is_refused_when_others_can_reach_it(project):
    """Error pages of debug mode show source code."""
    project.write_api("main.py", "app = Api(debug=True)\n")
    with pytest.raises(StartupError, match="debug=True") as caught:
        load_for_serving(_plan())
    assert "--allow-debug" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("changes", "warned"),
    [({"host": "127.0.0.1"}, False), ({"allow_debug": True}, True), ({"development": True}, True)],
)
def test_debug_mode_is_served_when_it_is_safe_or_wanted(project, caplog, changes, warned):
    """On this machine alone it is fine; elsewhere whoever wants it is warned."""
    project.write_api("main.py", "app = Api(debug=True)\n")
    with caplog.at_level(logging.WARNING, "rapide.cli"):
        assert load_for_serving(_plan(**changes)).app.debug
    assert ("debug=True" in caplog.text) is warned


class _Documented:
    docs_url = "/docs"
    openapi_url = "/openapi.json"


class _Undocumented(_Documented):
    openapi_url = None


def _announced(caplog, app, plan, **options):
    with caplog.at_level(logging.INFO, "rapide.cli"):
        announce(LoadedApplication(app, "main:app", ("remark",)), plan, **options)
    return [record.getMessage() for record in caplog.records]


def test_the_announcement_says_where_everything_is(project, caplog):
    """Application, documentation, remarks, and how to pin the entry point."""
    assert _announced(caplog, _Documented(), _plan()) == [
        "Serving main:app at http://0.0.0.0:8000",
        "Documentation at http://0.0.0.0:8000/docs",
        "remark",
        'To pin the entry point, write entrypoint = "main:app" under [tool.rapide] in pyproject.toml',
    ]


@pytest.mark.parametrize(("plan", "options"), [({"pinned": True}, {}), ({}, {"hint": False})])
def test_the_announcement_is_short_when_there_is_nothing_to_say(project, caplog, plan, options):
    """No hint for a pinned entry point or after a restart, no documentation that is switched off."""
    assert _announced(caplog, _Undocumented(), _plan(**plan), **options) == [
        "Serving main:app at http://0.0.0.0:8000",
        "remark",
    ]


def test_the_failure_page_answers_without_saying_why():
    """The reason may hold what no client should read."""
    with TestClient(worker.failure_page) as client:
        response = client.get("/anything")
        assert response.status_code == 500
        assert "terminal" in response.text
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live"):
            pass


def test_a_server_that_asks_for_another_name_gets_an_attribute_error():
    """Only `app` is made up."""
    with pytest.raises(AttributeError):
        _ = worker.nothing
