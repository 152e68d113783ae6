"""Published packages on Rapide: what each test runs in, and the record of how it went.

The ordinary suite leaves this folder out: `scripts/test-ecosystem` makes the environments and runs it.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
for _folder in (_HERE, _HERE.parent / "browser"):
    if str(_folder) not in sys.path:  # importlib mode puts no test folder on the path
        sys.path.insert(0, str(_folder))

from collecting import Collector, collect  # noqa: E402  # the lines above make it importable
from driver import Browser, Page, find_chromium  # noqa: E402
from results import Results  # noqa: E402
from running import Environment, environments, is_listening  # noqa: E402

_SERVICES = {"Redis": 6379, "Mosquitto": 1883, "NATS": 4222, "RabbitMQ": 5672}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the results down."""
    parser.addoption("--record", action="store_true", help="write the results to docs/generated/packages.txt")


def pytest_configure(config: pytest.Config) -> None:
    """Add the markers of this folder, and keep the results."""
    config.addinivalue_line("markers", "package(name, environment): the package under test, and where it is")
    config.addinivalue_line("markers", "needs(*services): services of 127.0.0.1 without which the test skips")
    config.pluginmanager.register(Results(write=config.getoption("--record")), "results")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a service that is not there."""
    for marker in item.iter_markers("needs"):
        for service in marker.args:
            if not is_listening(_SERVICES[service]):
                pytest.skip(f"needs {service} on 127.0.0.1:{_SERVICES[service]}")


@pytest.fixture
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Environment:
    """The environment of the package that the test's marker names."""
    marker = request.node.get_closest_marker("package")
    name = marker.args[1]
    if name == "documents" and name not in environments():
        pytest.skip("needs Python 3.13, for what speaks MongoDB's protocol")
    if name not in environments():
        pytest.fail(f"no environment {name}: scripts/test-ecosystem makes it")
    return Environment(name, tmp_path)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A server in the place of a vendor's, which keeps what it is sent."""
    with collect() as running:
        yield running


@pytest.fixture(scope="session")
def _browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip("needs Chromium: install it, or name it in RAPIDE_CHROMIUM")
    with Browser.launch() as running:
        yield running


@pytest.fixture
def page(_browser: Browser) -> Iterator[Page]:
    """A tab of a headless Chromium."""
    with ExitStack() as opened:
        page = _browser.open_page()
        opened.callback(page.close)
        yield page
