"""Declaring frontends: what is refused, and where the message points."""

import warnings

import pytest

from rapide import APIRouter, Rapide
from rapide.errors import FrontendError, RouterError


@pytest.fixture(autouse=True)
def production(monkeypatch):
    """Nobody is developing unless a test says so."""
    for name in ("RAPIDE_ENV", "FASTAPI_ENV"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("make", [Rapide, APIRouter])
@pytest.mark.parametrize(
    ("arguments", "error", "code"),
    [
        ({"path": "ui"}, RouterError, "RAP204"),
        ({"path": ""}, RouterError, "RAP204"),
        ({"fallback": "500.html"}, RouterError, "RAP305"),
        ({"fallback": "../index.html"}, RouterError, "RAP305"),
        ({"directory": "missing"}, FrontendError, "RAP306"),
        ({"directory": "spa/app.js"}, FrontendError, "RAP306"),
        ({"fallback": "404.html"}, FrontendError, "RAP307"),
        ({"fallback": "404.html", "check_dir": True}, FrontendError, "RAP307"),
    ],
)
def test_wrong_declaration_is_refused_with_its_code(spa, make, arguments, error, code):
    """The mistake shows at import, and says what to write instead."""
    given = {"path": "/", "directory": "spa", **arguments}
    directory = spa.parent / given.pop("directory")
    with pytest.raises(error) as caught:
        make().frontend(given.pop("path"), directory=directory, **given)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["RAPIDE_ENV", "FASTAPI_ENV"])
@pytest.mark.parametrize("make", [Rapide, APIRouter])
def test_warning_while_developing_points_at_the_declaration(tmp_path, monkeypatch, name, make):
    """The line of the application is shown, not one of the framework."""
    monkeypatch.setenv(name, "development")
    with pytest.warns(UserWarning, match="does not exist") as caught:
        make().frontend("/", directory=tmp_path / "missing")
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("value", ["production", "", "Development "])
def test_other_environments_are_strict(tmp_path, monkeypatch, value):
    """Only the word itself means development."""
    monkeypatch.setenv("RAPIDE_ENV", value)
    with pytest.raises(FrontendError):
        Rapide().frontend("/", directory=tmp_path / "missing")


def test_unchecked_directory_may_come_later(asking, tmp_path):
    """Requests fail until it is there: a wrong deployment must be noticed."""
    app = Rapide()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app.frontend("/", directory=tmp_path / "late", fallback="404.html", check_dir=False)
    ask = asking(app)
    with pytest.raises(RuntimeError, match="late"):
        ask("/")
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "a.txt").write_text("here")
    assert ask("/a.txt").body == b"here"


def test_application_with_a_frontend_is_checked_and_prepared(app):
    """`check` finds nothing, `prepare` compiles the frontend's handler too."""
    assert app.check() == []
    app.prepare()
    (route,) = app.frontends.routes
    assert route.handler() is route.handler()
