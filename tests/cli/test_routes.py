"""`rapide routes`."""

import json
import re

import pytest

_ROUTES = """
class Marked(Route):
    tags = ["shop", "public"]
    deprecated = True

class Page:
    async def __call__(self, request): ...

app = Api(routes=[
    Marked("/items", items, methods=["POST", "GET"], name="list"),
    Route("/page", Page().__call__, include_in_schema=False),
    WebSocketRoute("/live", listen),
    Mount("/admin", name="admin", routes=[
        Route("/users", items, name="users"),
        Mount("/deep", routes=[Route("/x", items)]),
    ]),
    Host("api.example.org", Starlette(routes=[Route("/h", items)]), name="host"),
])
"""


@pytest.fixture
def rows(rapide_command, project):
    """The rows of an application with every kind of route."""
    project.write_api("main.py", _ROUTES)
    outcome = rapide_command("routes", "--json")
    assert outcome.code == 0
    return json.loads(outcome.out)


def test_routes_lists_every_way_in(rows):
    """Routes of mounts and hosts stand below these with their whole paths and names."""
    assert [(row["kind"], row["path"], row["name"]) for row in rows] == [
        ("http", "/items", "list"),
        ("http", "/page", "__call__"),
        ("websocket", "/live", "listen"),
        ("mount", "/admin", "admin"),
        ("http", "/admin/users", "admin:users"),
        ("mount", "/admin/deep", None),
        ("http", "/admin/deep/x", "admin:items"),
        ("host", "api.example.org", "host"),
        ("http", "api.example.org/h", "host:items"),
    ]


def test_routes_says_what_a_route_is(rows, project):
    """Methods are sorted, HEAD goes without saying, and the place is where the function is written."""
    line = next(
        number
        for number, text in enumerate(
            (project.folder / "main.py").read_text(encoding="utf-8").splitlines(), 1
        )
        if text.startswith("async def items")
    )
    assert rows[0] == {
        "kind": "http",
        "methods": ["GET", "POST"],
        "path": "/items",
        "name": "list",
        "endpoint": "main.items",
        "location": f"main.py:{line}",
        "tags": ["shop", "public"],
        "in_schema": True,
        "deprecated": True,
    }
    assert (rows[1]["in_schema"], rows[1]["endpoint"]) == (False, "main.Page.__call__")
    assert (rows[2]["methods"], rows[3]["location"]) == ([], None)


def test_routes_prints_columns_for_people(rapide_command, project):
    """Nothing is cut off, so that the lines can be searched; the place comes before the name."""
    project.write_api("main.py", _ROUTES)
    lines = rapide_command("routes").out.splitlines()
    assert lines[0].split() == ["KIND", "METHODS", "PATH", "NAME", "ENDPOINT", "TAGS"]
    assert lines[1].split()[:4] == ["http", "GET,POST", "/items", "list"]
    assert re.search(r" main\.py:\d+ \(main\.items\) +shop, public$", lines[1])
    assert len(lines) == 10
    assert all(line == line.rstrip() for line in lines)


def test_routes_finds_where_a_callable_object_is_written(rapide_command, project):
    """An endpoint that is an object, a class or a partial has a place as well."""
    project.write_api(
        "main.py",
        """
        import functools

        class Page:
            async def __call__(self, scope, receive, send): ...

        app = Api(routes=[Route("/a", Page()), Route("/b", functools.partial(items))])
        """,
    )
    rows = json.loads(rapide_command("routes", "--json").out)
    assert [row["endpoint"] for row in rows] == ["main.Page", "main.items"]
    assert all(str(row["location"]).startswith("main.py:") for row in rows)


def test_routes_names_endpoints_outside_of_the_project_without_their_place(rapide_command, project):
    """The place of someone else's code is long and of no use in a table; JSON has it."""
    project.write_api(
        "main.py",
        """
        from starlette.endpoints import HTTPEndpoint

        app = Api(routes=[Route("/a", HTTPEndpoint)])
        """,
    )
    assert rapide_command("routes").out.splitlines()[1].endswith("  starlette.endpoints.HTTPEndpoint")
    assert "endpoints.py:" in json.loads(rapide_command("routes", "--json").out)[0]["location"]


def test_routes_of_the_documentation_stand_last(rapide_command, project):
    """What the application declares comes first, whatever was there before it."""
    project.write(
        "main.py",
        """
from rapide import Rapide
app = Rapide()

@app.get("/books")
def list_books(): ...
""",
    )
    rows = json.loads(rapide_command("routes", "--json").out)
    assert [row["path"] for row in rows][:2] == ["/books", "/openapi.json"]
    assert len(rows) > 2
