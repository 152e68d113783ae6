"""Names that load on demand: once, from their home, with the errors that importing has."""

import email.message
import sys
from types import ModuleType

import pytest

from rapide._lazy import load_on_demand, load_submodules


@pytest.fixture
def module(monkeypatch):
    """Return an empty module that imports find."""
    made = ModuleType("a_module_of_this_test")
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


def test_a_name_is_loaded_from_its_home_and_kept(module):
    """The second use finds it in the module, and asks nobody."""
    get = load_on_demand(module.__name__, {"sqrt": "math", "root": "math:sqrt"})
    assert get("sqrt") is get("root") is module.sqrt is module.root


def test_an_unknown_name_is_an_attribute_error(module):
    """The error is Python's own, word for word."""
    with pytest.raises(AttributeError, match=r"^module 'a_module_of_this_test' has no attribute 'cube'$"):
        load_on_demand(module.__name__, {"sqrt": "math"})("cube")


def test_a_missing_package_is_named(module):
    """Whoever asks for a part without its extra learns which package is not there."""
    get = load_on_demand(module.__name__, {"Name": "no_such_package_at_all"})
    with pytest.raises(ModuleNotFoundError, match="no_such_package_at_all"):
        get("Name")


def test_the_name_of_a_missing_optional_package_is_an_attribute_error(module):
    """`hasattr` and `from … import` fail as they do for names that are not there."""
    get = load_on_demand(module.__name__, {"Name": "no_such_package_at_all"}, optional=True)
    with pytest.raises(AttributeError, match="needs the package no_such_package_at_all"):
        get("Name")


def test_submodules_are_found_without_an_import():
    """`package.module` works after `import package`, as where the package imports it."""
    get = load_submodules("email", "message")
    assert get("message") is email.message
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        get("nothing")
