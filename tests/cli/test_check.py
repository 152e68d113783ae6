"""`rapide check`."""

import json

_PROBLEMS = """
app = Api()
app.problems = [
    Problem("RAP401", "warning", "GET /items/me is never reached.", "main.py:9", "Move it up."),
    Problem("RAP205", "error", "Two operations are called read.", None, None),
]
"""
_MISTAKE = """
from rapide.errors import RouteError

def endpoint(): ...

raise RouteError("RAP204", "The path does not start with a slash.", function=endpoint)
"""


def test_check_exits_with_0_when_there_is_nothing_to_find(rapide_command, project):
    """Continuous integration needs a status; people need a word."""
    project.write_api()
    outcome = rapide_command("check")
    assert (outcome.code, outcome.out) == (0, "main:app: 0 errors, 0 warnings.\n")
    assert rapide_command("check", "--json").out == "[]\n"


def test_check_exits_with_1_when_there_is_an_error(rapide_command, project):
    """Each problem is a paragraph with code, place and remedy; the last line counts."""
    project.write_api("main.py", _PROBLEMS)
    outcome = rapide_command("check")
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        "warning RAP401: GET /items/me is never reached.",
        "  Where: main.py:9",
        "  What to do: Move it up.",
        "",
        "error RAP205: Two operations are called read.",
        "",
        "main:app: 1 error, 1 warning.",
    ]


def test_check_exits_with_0_when_there_are_only_warnings(rapide_command, project):
    """A warning is not a reason to stop a delivery."""
    project.write_api("main.py", _PROBLEMS + "del app.problems[1]\n")
    outcome = rapide_command("check")
    assert outcome.code == 0
    assert "0 errors, 1 warning." in outcome.out


def test_check_prints_json_for_machines(rapide_command, project):
    """Every field of a problem is there, absent ones as null."""
    project.write_api("main.py", _PROBLEMS)
    outcome = rapide_command("check", "--json")
    assert outcome.code == 1
    assert json.loads(outcome.out)[1] == {
        "code": "RAP205",
        "severity": "error",
        "message": "Two operations are called read.",
        "location": None,
        "remedy": None,
    }


def test_check_reports_a_declaration_mistake_at_import_like_any_other(rapide_command, project):
    """The import ends with the first mistake; it is a finding, not a crash."""
    project.write("main.py", _MISTAKE)
    outcome = rapide_command("check", "--json")
    assert (outcome.code, outcome.err) == (1, "")
    (finding,) = json.loads(outcome.out)
    assert (finding["code"], finding["severity"], finding["location"]) == ("RAP204", "error", "main.py:4")
    assert finding["remedy"] == 'Write "/items" instead of "items".'


def test_check_reports_a_declaration_mistake_that_ends_the_check(rapide_command, project):
    """A mistake that is found only while routes are compiled is reported in the same way."""
    project.write_api(
        "main.py",
        """
        from rapide.errors import RouteError

        class Broken(Api):
            def check(self):
                raise RouteError("RAP205", "Two operations are called read.")

        app = Broken()
        """,
    )
    outcome = rapide_command("check")
    assert outcome.code == 1
    assert "error RAP205: Two operations are called read." in outcome.out


def test_check_shows_the_traceback_of_any_other_failure(rapide_command, project):
    """An application that cannot be imported was not checked: that is exit code 3, not a finding."""
    project.write("main.py", "1 / 0\n")
    outcome = rapide_command("check", "--json")
    assert (outcome.code, outcome.out) == (3, "")
    assert "ZeroDivisionError" in outcome.err


def test_check_needs_a_rapide_application(rapide_command, project):
    """No findings would be a wrong answer for an application that cannot check itself."""
    project.write_api("main.py", "app = Starlette()\n")
    outcome = rapide_command("check")
    assert outcome.code == 1
    assert "cannot check itself" in outcome.err
