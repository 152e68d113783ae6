"""`rapide check --from-fastapi`: a FastAPI application is read, and what would change is said."""

import json
import re
from pathlib import Path

import pytest

from rapide.behaviour import RAPIDE
from rapide.cli.moving.findings import GUIDE, SECTIONS
from rapide.cli.moving.report import findings_of
from rapide.cli.moving.sources import path_pattern, read_project

_ROOT = Path(__file__).parents[2]
_HEADER = """
from __future__ import annotations
from typing import Annotated
from fastapi import APIRouter, Body, Depends, FastAPI, Query, Response, Security, UploadFile
router = APIRouter()
"""


def _found(project, text: str, header: str = _HEADER) -> list[tuple[str, str | None, int]]:
    """Return severity, field and line, counted from the first line of `text`, of what is found in it."""
    path = project.write("checked.py", header)
    path.write_text(path.read_text() + text)
    first = len(header.splitlines())
    findings = findings_of(read_project(path))
    lines = [(finding, int(finding.location.rpartition(":")[2]) - first) for finding in findings]
    return [(finding.severity, finding.field, line) for finding, line in lines if line > 0]


_CASES = {
    "literal behind a parameter": (
        '@router.get("/books/{title}")\ndef one(title): ...\n@router.get("/books/new")\ndef new(): ...\n',
        [("note", "routing", 3)],
    ),
    "literal before a parameter": (
        '@router.get("/books/new")\ndef new(): ...\n@router.get("/books/{title}")\ndef one(title): ...\n',
        [],
    ),
    "literal of another method": (
        '@router.post("/books/{title}")\ndef one(title): ...\n@router.get("/books/new")\ndef new(): ...\n',
        [],
    ),
    "literal of another router": (
        '@router.get("/books/{title}")\ndef one(title): ...\n@other.get("/books/new")\ndef new(): ...\n',
        [],
    ),
    "list of scalars on GET": (
        '@router.get("/")\ndef f(a: list[int] = [], b: set[str] | None = None): ...\n',
        [("note", "query_sequences", 2), ("note", "query_sequences", 2)],
    ),
    "marked list": (
        '@router.get("/")\ndef f(a: Annotated[list[int], Query()], b: list[int] = Body()): ...\n',
        [],
    ),
    "list on POST": ('@router.post("/")\ndef f(a: list[int]): ...\n', []),
    "bare list": ('@router.post("/")\ndef f(a: list): ...\n', [("warning", None, 2)]),
    "yield dependency": (
        'def session():\n    yield\n@router.get("/")\ndef f(s=Depends(session)): ...\n',
        [("note", "dependency_exit", 1)],
    ),
    "yield in a function of a dependency": (
        'def session():\n    def inner():\n        yield\n@router.get("/")\ndef f(s=Depends(session)): ...\n',
        [],
    ),
    "generator that is no dependency": ("def lines():\n    yield\n", []),
    "class as dependency": (
        'class Page: ...\n@router.get("/")\ndef f(p: Annotated[Page, Depends()]): ...\n',
        [("note", "inline_classes", 1)],
    ),
    "class named by Security": (
        'class Page: ...\n@router.get("/")\ndef f(p=Security(Page)): ...\n',
        [("note", "inline_classes", 1)],
    ),
    "upload": ('@router.post("/")\ndef f(a: UploadFile): ...\n', [("note", "max_form_size", 1)]),
    "upload with a limit": ('@router.post("/", max_body_size=9)\ndef f(a: UploadFile): ...\n', []),
    "injected response": (
        '@router.get("/")\ndef f(response: Response):\n    return Response("x")\n',
        [("note", "merge_injected_response", 3)],
    ),
    "returned response": ('@router.get("/")\ndef f():\n    return Response("x")\n', []),
    "name for type checkers": (
        'if TYPE_CHECKING:\n    from books import B\n@router.post("/")\ndef f(a: B, b: "B | None"): ...\n',
        [("note", "missing_names", 4), ("note", "missing_names", 4)],
    ),
    "mounted application": ('router.mount("/sub", sub)\n', [("note", "mounted_lifespans", 1)]),
    "handler of everything": (
        "@router.exception_handler(Exception)\ndef f(request, exc): ...\n",
        [("note", "errors_inside_middleware", 1)],
    ),
    "test that reads a 422": ('client.get("/").json()["detail"][0]\n', [("note", "errors", 1)]),
    "test that reads a text": ('client.get("/").json()["detail"]\n', []),
    "logger": ('import logging\nlogging.getLogger("fastapi")\n', [("note", "logger", 2)]),
    "other logger": ('import logging\nlogging.getLogger("shop")\n', []),
    "import of a module that is not here": ("import fastapi.nothing\n", [("error", None, 1)]),
    "import of a name that is not here": ("from fastapi import Nothing\n", [("error", None, 1)]),
    "import of everything": ("from fastapi import *\n", [("note", None, 1)]),
    "package that imports fastapi": ("import fastapi_users\n", [("warning", None, 1)]),
    "import of something else": ("import starlette\nfrom . import books\n", []),
}


@pytest.mark.parametrize(("text", "expected"), _CASES.values(), ids=_CASES)
def test_differences_are_found_where_they_are(project, text, expected):
    """Each case is a few lines of an application, and what is said of which of them."""
    assert _found(project, text) == expected


def test_application_is_told_what_changes_for_all(project):
    """At its line stand the differences that no other line shows, and options that settle one silence it."""
    fields = [field for _, field, _ in _found(project, "app = FastAPI()\n")]
    assert {"errors", "echo_input", "slashes", "operation_ids", "local_docs"} <= set(fields)
    fewer = [
        field for _, field, _ in _found(project, "app = FastAPI(redirect_slashes=False, openapi_url=None)\n")
    ]
    assert set(fields) - set(fewer) == {"slashes", "local_docs"}


def test_nothing_is_imported(project, rapide_command):
    """The application may be broken, and its packages may be missing."""
    project.write("main.py", "import missing_package\nfrom fastapi import FastAPI\nraise SystemExit(9)\n")
    outcome = rapide_command("check", "--from-fastapi", "main.py")
    assert outcome.code == 0
    assert "main.py:2: note: `from fastapi import FastAPI` gives FastAPI." in outcome.out


def test_status_is_1_when_something_does_not_run(project, rapide_command):
    """A name that is not here, and a file that is no Python, are errors; the rest is read all the same."""
    project.write("shop/main.py", "from fastapi import Nothing\n")
    project.write("shop/broken.py", "def f(:\n")
    project.write("shop/null.py", "x = 1\0\n")
    outcome = rapide_command("check", "--from-fastapi", "--json", "shop")
    assert outcome.code == 1
    found = [(each["severity"], each["location"]) for each in json.loads(outcome.out)]
    assert sorted(found) == [
        ("error", "shop/broken.py:1"),
        ("error", "shop/main.py:1"),
        ("error", "shop/null.py:1"),
    ]


@pytest.mark.parametrize("path", ["nowhere", "empty"])
def test_path_without_python_is_refused(project, rapide_command, path):
    """A misspelt path must not look like an application without differences."""
    (project.folder / "empty").mkdir()
    outcome = rapide_command("check", "--from-fastapi", path)
    assert (outcome.code, outcome.out) == (1, "")
    assert path in outcome.err


def test_current_folder_is_read_without_a_path_and_environments_are_not(project, rapide_command):
    """What is installed is not the application."""
    project.write("main.py", "x = 1\n")
    project.write(".venv/installed.py", "import fastapi\n")
    project.write("env/pyvenv.cfg", "")
    project.write("env/installed.py", "import fastapi\n")
    project.write("node_modules/installed.py", "import fastapi\n")
    outcome = rapide_command("check", "--from-fastapi")
    assert outcome.code == 0
    assert outcome.out.startswith(".: 1 file read.")


def test_links_lead_to_sections_of_the_guide():
    """Every field that a rule names has a section, under the heading's own anchor."""
    text = (_ROOT / GUIDE).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    assert set(SECTIONS.values()) | {"on-both-faces"} <= anchors
    assert all(hasattr(RAPIDE, field) for field in SECTIONS)


@pytest.mark.parametrize(
    ("path", "taken", "left"),
    [
        ("/a/{b}", "/a/x", "/a/x/y"),
        ("/a/{b:int}.json", "/a/1.json", "/a/1xjson"),
        ("/{rest:path}", "/a/b/c", "a"),
    ],
)
def test_paths_match_as_routes_do(path, taken, left):
    """A parameter is one segment, a path parameter is all that is left, the rest is literal."""
    assert path_pattern(path).fullmatch(taken)
    assert not path_pattern(path).fullmatch(left)
