"""`rapide audit`."""

import json

_APP = """
from typing import Annotated

from rapide import Depends, Rapide
from rapide.auth import public
from rapide.security import OAuth2PasswordBearer

async def user(token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]) -> str:
    return token

app = Rapide()

@app.get("/orders", auth=user)
async def orders(): ...

@app.get("/health", auth=public)
async def health(): ...

@app.post("/orders"{mark})
async def forgotten(): ...
"""


def test_audit_fails_on_a_forgotten_route(rapide_command, project):
    """One route without an option is enough; its place and the remedy are printed."""
    project.write("main.py", _APP.format(mark=""))
    outcome = rapide_command("audit")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert any(line.split()[:4] == ["guarded", "GET", "/orders", "user"] for line in lines)
    assert any(line.split()[:4] == ["public", "GET", "/health", "everybody"] for line in lines)
    assert "1 guarded, 6 public, 1 open. Open to everybody, and not marked so:" in lines
    assert any(line.startswith("  POST /orders  (main.py:") for line in lines)
    assert "auth=public" in outcome.out


def test_audit_passes_when_it_is_marked(rapide_command, project):
    """A mark says that it is no oversight."""
    project.write("main.py", _APP.format(mark=", auth=public"))
    outcome = rapide_command("audit")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-1] == "1 guarded, 7 public, 0 open: nothing was left open by mistake."


def test_audit_passes_when_a_list_allows_it(rapide_command, project):
    """A file, or pyproject.toml, names what may be open."""
    project.write("main.py", _APP.format(mark=""))
    project.write("open.txt", "# for the shop window\nPOST   /orders  # until spring\n\n")
    assert rapide_command("audit", "--allow-file", "open.txt").code == 0
    assert rapide_command("audit").code == 1
    project.write("pyproject.toml", '[tool.rapide.audit]\nallow = ["POST /orders"]\n')
    assert rapide_command("audit").code == 0


def test_audit_prints_json(rapide_command, project):
    """Machines read who may call, and on what the audit fails."""
    project.write("main.py", _APP.format(mark=""))
    outcome = rapide_command("audit", "--json")
    assert outcome.code == 1
    rows = {(row["path"], *row["methods"]): row for row in json.loads(outcome.out)}
    assert rows["/orders", "GET"]["schemes"] == {"OAuth2PasswordBearer": []}
    assert rows["/orders", "GET"]["allowed"] is True
    assert rows["/orders", "POST"]["access"] == "open"
    assert rows["/orders", "POST"]["allowed"] is False


def test_audit_refuses_a_list_that_names_nothing(rapide_command, project):
    """A misspelt entry would look as if it allowed something."""
    project.write("main.py", _APP.format(mark=""))
    project.write("open.txt", "POST /order\n")
    outcome = rapide_command("audit", "--allow-file", "open.txt")
    assert outcome.code == 1
    assert "names what does not exist: POST /order" in outcome.err
    outcome = rapide_command("audit", "--allow-file", "missing.txt")
    assert outcome.code == 1
    assert "could not be read" in outcome.err


def test_audit_refuses_a_wrong_table(rapide_command, project):
    """A key that does not exist is an error: a misspelt list must not be no list."""
    project.write("main.py", _APP.format(mark=""))
    for table in ('alow = ["/a"]', 'allow = "/a"', "allow = [1]"):
        project.write("pyproject.toml", f"[tool.rapide.audit]\n{table}\n")
        outcome = rapide_command("audit")
        assert outcome.code == 1
        assert "[tool.rapide.audit] has one key" in outcome.err


def test_audit_needs_a_rapide_application(rapide_command, project):
    """What has no plans cannot say who may call it."""
    project.write_api()
    outcome = rapide_command("audit")
    assert outcome.code == 1
    assert "cannot be audited" in outcome.err
