"""The options of applications: each is said once, and what is kept of them can be read and set, typed."""

from typing import get_type_hints

import pytest

from rapide import Rapide
from rapide.app_options import APP_DEFAULTS, AppOptions, KeptOptions
from rapide.fastapi import FastAPI

# What is handed on, and kept by Starlette or the router.
_HANDED_ON = {
    "debug", "routes", "middleware", "exception_handlers", "redirect_slashes",
    "on_startup", "on_shutdown", "lifespan",
}  # fmt: skip


def test_every_option_has_a_default_and_every_default_an_option():
    """`APP_DEFAULTS` and `AppOptions` name the same options."""
    assert set(APP_DEFAULTS) == set(AppOptions.__annotations__)


def test_every_option_that_is_kept_is_an_attribute_for_type_checkers():
    """`KeptOptions` forgets none, and knows none that is handed on."""
    assert set(KeptOptions.__annotations__) == set(APP_DEFAULTS) - _HANDED_ON


def test_an_attribute_has_the_type_of_its_option():
    """What may be given may be set later."""
    kept, options = get_type_hints(KeptOptions), get_type_hints(AppOptions)
    filled = {"servers", "webhooks"}  # never None once the application stands
    assert {name: kept[name] for name in kept.keys() - filled} == {
        name: options[name] for name in kept.keys() - filled
    }


@pytest.mark.parametrize("kind", [Rapide, FastAPI])
def test_an_application_has_all_its_options_as_attributes(kind):
    """On both faces, at run time too."""
    app = kind(title="Books", version="2.0")
    assert (app.title, app.version, app.description, app.servers) == ("Books", "2.0", "", [])
    assert all(hasattr(app, name) for name in KeptOptions.__annotations__)
