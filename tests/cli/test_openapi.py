"""`rapide openapi`."""

import enum
import json
import sys

import pytest
import yaml

from rapide.cli.openapi import render_document

_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Bücher", "version": "1"}, "paths": {}}


def test_openapi_prints_the_document_of_the_application(rapide_command, project):
    """JSON in the document's own order, in UTF-8, with a line break at the end."""
    project.write_api()
    outcome = rapide_command("openapi")
    assert outcome.code == 0
    assert outcome.out == json.dumps(_DOCUMENT, indent=2, ensure_ascii=False) + "\n"


def test_openapi_writes_a_file(rapide_command, project):
    """-o names the file, and stdout stays empty; "-" is stdout."""
    project.write_api()
    outcome = rapide_command("openapi", "-o", "openapi.json")
    assert (outcome.code, outcome.out) == (0, "")
    assert (project.folder / "openapi.json").read_bytes() == rapide_command("openapi", "-o", "-").out.encode()


def test_openapi_writes_yaml(rapide_command, project):
    """The same document, in the same order, readable without Python tags."""
    project.write_api()
    out = rapide_command("openapi", "--format", "yaml").out
    assert yaml.safe_load(out) == _DOCUMENT
    assert out.startswith("openapi: 3.1.0\ninfo:\n  title: Bücher\n")


def test_openapi_writes_plain_yaml_when_the_document_holds_subclasses():
    """Enums and tuples come out as what JSON would make of them."""

    class Colour(enum.StrEnum):
        RED = "red"

    text = render_document({"enum": (Colour.RED,), "title": Colour.RED}, "yaml")
    assert text == "enum:\n- red\ntitle: red\n"


def test_openapi_gives_the_version_that_is_asked_for(rapide_command, project):
    """Tools that know nothing newer get 3.0; a version that does not exist is wrong usage."""
    project.write_api()
    assert json.loads(rapide_command("openapi", "--openapi-version", "3.0").out)["openapi"] == "3.0.3"
    assert json.loads(rapide_command("openapi", "--openapi-version", "3.2").out)["openapi"] == "3.2.0"
    assert rapide_command("openapi", "--openapi-version", "2.0").code == 2


def test_openapi_says_what_to_install_when_pyyaml_is_missing(rapide_command, project, monkeypatch):
    """YAML is optional; JSON is not."""
    project.write_api()
    monkeypatch.setitem(sys.modules, "yaml", None)
    outcome = rapide_command("openapi", "--format", "yaml")
    assert (outcome.code, outcome.out) == (1, "")
    assert "pip install pyyaml" in outcome.err


@pytest.mark.parametrize("where", ["missing/openapi.json", "."])
def test_openapi_fails_when_the_file_cannot_be_written(rapide_command, project, where):
    """An exit code of 0 must mean that the file is there."""
    project.write_api()
    outcome = rapide_command("openapi", "-o", where)
    assert outcome.code == 1
    assert "could not be written" in outcome.err


def test_openapi_needs_an_application_that_has_a_document(rapide_command, project):
    """A Starlette application has none."""
    project.write_api("main.py", "app = Starlette()\n")
    outcome = rapide_command("openapi")
    assert outcome.code == 1
    assert "A Starlette has no OpenAPI document" in outcome.err
