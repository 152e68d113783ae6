"""A headless Chromium for the tests of this folder, and pages in it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, _HERE)

from driver import Browser, Page, find_chromium  # noqa: E402  # the line above makes it importable


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if find_chromium() is None:
        pytest.skip("needs Chromium: install it, or name it in RAPIDE_CHROMIUM")
    with Browser.launch() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of the test's own, which also closes the popups that it opened."""
    before = len(browser.pages)
    opened = browser.open_page()
    yield opened
    for each in browser.pages[before:]:
        each.close()
