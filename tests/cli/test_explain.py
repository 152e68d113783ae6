"""`rapide explain` and `rapide explain-error`."""

import pytest

from rapide.errors import CODES


@pytest.mark.parametrize("method", ["GET", "get"])
def test_explain_prints_plan_and_source(rapide_command, project, method):
    """What the application says is printed as it is."""
    project.write_api()
    outcome = rapide_command("explain", method, "/items")
    assert (outcome.code, outcome.out) == (0, "plan of GET /items\ndef handler(): ...\n")


def test_explain_takes_the_application_behind_the_route(rapide_command, project):
    """The path of the file stands last, as in all other commands."""
    project.write_api("other.py")
    assert rapide_command("explain", "GET", "/items", "other.py").code == 0


def test_explain_names_similar_routes_when_there_is_no_such_route(rapide_command, project):
    """A misspelt path is answered with the nearest ones, a strange one with the command that lists all."""
    project.write_api()
    outcome = rapide_command("explain", "POST", "/item")
    assert (outcome.code, outcome.out) == (1, "")
    assert "No route answers POST /item." in outcome.err
    assert "GET /items" in outcome.err
    assert "rapide routes" in rapide_command("explain", "DELETE", "/zzzzzzzzzzzzzzzzz").err


def test_explain_needs_a_rapide_application(rapide_command, project):
    """Starlette has no plans."""
    project.write_api("main.py", 'app = Starlette(routes=[Route("/items", items)])\n')
    outcome = rapide_command("explain", "GET", "/items")
    assert outcome.code == 1
    assert "only Rapide applications have" in outcome.err


@pytest.mark.parametrize("code", sorted(CODES))
def test_explain_error_explains_every_code(rapide_command, code):
    """Every code that a declaration error can carry has a text with a remedy."""
    outcome = rapide_command("explain-error", code.lower())
    assert outcome.code == 0
    assert outcome.out.startswith(f"{code}: ")
    assert CODES[code].remedy in outcome.out


@pytest.mark.parametrize(("code", "hint"), [("RAP1001", "Did you mean RAP"), ("xyz", "Known codes: RAP101")])
def test_explain_error_helps_with_an_unknown_code(rapide_command, code, hint):
    """The nearest code, or all of them."""
    outcome = rapide_command("explain-error", code)
    assert outcome.code == 1
    assert hint in outcome.err
