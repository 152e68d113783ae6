"""The commands with applications of both faces, on the real engine."""

import json
import subprocess
import sys

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

_SHOP = """
from typing import Annotated

from {module} import {name}, APIRouter, Depends, Query, WebSocket

app = {name}(title="Shop")
router = APIRouter(prefix="/items", tags=["items"])


def page(limit: Annotated[int, Query(le=100)] = 10) -> int:
    return limit


@router.get("/{{item_id}}")
def read_item(item_id: int, limit: Annotated[int, Depends(page)]) -> dict[str, int]:
    return {{"id": item_id, "limit": limit}}


@router.post("/", deprecated=True)
async def add(body: dict[str, int]) -> dict[str, int]:
    return body


@app.websocket("/live")
async def live(websocket: WebSocket): ...


app.include_router(router)
"""
_FACES = [("rapide", "Rapide"), ("rapide.fastapi", "FastAPI")]


@pytest.fixture(params=_FACES, ids=["native", "fastapi"])
def shop(request, project):
    """A project with the shop in one of the faces."""
    module, name = request.param
    project.write("main.py", _SHOP.format(module=module, name=name))
    return project


def test_routes_of_routers_are_listed_with_whole_paths(rapide_command, shop):
    """Inclusion leaves nothing hidden: prefix, tags, place and deprecation are there."""
    rows = {row["path"]: row for row in json.loads(rapide_command("routes", "--json").out)}
    read = rows["/items/{item_id}"]
    assert (read["kind"], read["methods"], read["tags"], read["in_schema"]) == (
        "http",
        ["GET"],
        ["items"],
        True,
    )
    assert (read["endpoint"], read["location"].partition(":")[0]) == ("main.read_item", "main.py")
    assert rows["/items/"]["deprecated"]
    assert rows["/live"]["kind"] == "websocket"
    assert rows["/docs"]["in_schema"] is False


def test_the_document_is_valid_in_every_version(rapide_command, shop):
    """What is exported is what generators and gateways read."""
    versions = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
    for version, validator in versions.items():
        document = json.loads(rapide_command("openapi", "--openapi-version", version).out)
        validator(document).validate()
        assert document["openapi"].startswith(version)
    assert "/items/{item_id}" in json.loads(rapide_command("openapi").out)["paths"]


def test_the_document_does_not_depend_on_the_order_of_sets(shop, python_environment):
    """A file under version control must not change between two runs."""
    command = [sys.executable, "-m", "rapide", "openapi", "--format", "yaml"]
    texts = {
        subprocess.run(
            command, env=python_environment(PYTHONHASHSEED=seed), capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(texts) == 1


def test_explain_shows_plan_and_source(rapide_command, shop):
    """What the route needs, and the function that was generated for it."""
    out = rapide_command("explain", "get", "/items/{item_id}").out
    assert "page" in out
    assert "async def " in out
    assert rapide_command("explain", "PATCH", "/items/{item_id}").code == 1


def test_check_finds_nothing_in_a_sound_application(rapide_command, shop):
    """No news is exit code 0."""
    outcome = rapide_command("check")
    assert (outcome.code, outcome.out) == (0, "main:app: 0 errors, 0 warnings.\n")


def test_check_warns_of_a_route_that_is_never_reached(rapide_command, shop):
    """The place is relative, so that editors and review tools find it."""
    path = shop.folder / "main.py"
    lines = (
        path.read_text(encoding="utf-8") + '\n\n@app.get("/items/{other}")\ndef shadowed(other: int): ...\n'
    )
    path.write_text(lines, encoding="utf-8")
    outcome = rapide_command("check", "--json")
    assert outcome.code == 0
    (finding,) = json.loads(outcome.out)
    assert (finding["code"], finding["severity"]) == ("RAP401", "warning")
    assert finding["location"] == f"main.py:{len(lines.splitlines()) - 1}"


@pytest.mark.parametrize(("module", "name"), _FACES, ids=["native", "fastapi"])
def test_check_reports_a_wrong_declaration(rapide_command, project, module, name):
    """Found at import or when the route is compiled, it has a code, a place and a remedy."""
    project.write(
        "main.py",
        f"""
        from {module} import {name}

        app = {name}()

        @app.get("/items/{{item_id}}", status_code=204)
        def read_item(item_id: int) -> dict[str, int]: ...
        """,
    )
    outcome = rapide_command("check", "--json")
    assert outcome.code == 1
    (finding,) = json.loads(outcome.out)
    assert (finding["code"], finding["severity"]) == ("RAP203", "error")
    assert finding["location"].startswith("main.py:")
    assert finding["remedy"]


@pytest.mark.server
@pytest.mark.parametrize("server_name", ["uvicorn", "granian", "hypercorn"])
def test_an_application_is_served(start_server, shop, server_name):
    """Requests, validation errors and the docs page, under each server."""
    server = start_server("run", "--server", server_name)
    assert server.wait_until_serving("/items/3?limit=5") == (200, '{"id":3,"limit":5}')
    assert server.get("/items/x")[0] == 422
    assert server.get("/docs")[0] == 200
    assert server.stop() == 0


@pytest.mark.server
def test_a_wrong_declaration_ends_the_start(start_server, project):
    """`run` compiles every route first, so no request meets the mistake; there is no traceback."""
    project.write(
        "main.py",
        """
        from rapide import Rapide

        app = Rapide()

        @app.get("/items/{item_id}")
        def read_item(item_id: "Nowhere"): ...
        """,
    )
    server = start_server("run")
    assert server.wait_for_exit() == 3
    assert "RAP110" in server.err
    assert "main.py:" in server.err
    assert "Traceback" not in server.err
