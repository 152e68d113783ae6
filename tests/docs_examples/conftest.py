"""Fixtures for the examples of the documentation."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, _HERE)

from loading import EXAMPLES, loaded  # noqa: E402  # the line above makes it importable

Load = Callable[[str], ModuleType]


@pytest.fixture
def load() -> Iterator[Load]:
    """Load an example by its path below `docs/examples`, without the suffix."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(loaded(EXAMPLES / f"{name}.py"))
