"""Databases: mappers and routes made of tables, on SQLite; Beanie on a server of MongoDB's protocol."""

import pytest
from running import free_port, wait_until_listening


@pytest.mark.package("sqlmodel", "databases")
def test_sqlmodel(environment):
    """Tables that are models: create, list, change, relations in answers, what is refused, documents."""
    with environment.serve("orm_sqlmodel") as program:
        team = program.post("/teams", json={"name": "Zürich"})
        assert (team.status_code, team.json()) == (201, {"name": "Zürich", "id": 1, "heroes": []})
        hero = program.post("/heroes", json={"name": "Tell", "age": 40, "team_id": 1, "secret": "apple"})
        assert hero.json() == {"name": "Tell", "age": 40, "team_id": 1, "id": 1}
        assert program.post("/heroes", json={"name": "Tell", "age": -1, "secret": "x"}).status_code == 422
        assert program.get("/heroes/1").json()["team"] == {"name": "Zürich"}
        assert program.get("/heroes/2").json() == {"detail": "Hero not found"}
        assert [each["name"] for each in program.get("/teams/1").json()["heroes"]] == ["Tell"]
        assert program.patch("/heroes/1", json={"age": 41}).json()["age"] == 41
        assert program.get("/heroes", params={"limit": 101}).status_code == 422
        assert [each["age"] for each in program.get("/heroes").json()] == [41]
        # A table does not validate what comes in: SQLModel's rule.
        assert program.post("/tables", json={"name": "x", "secret": "y"}).status_code == 200
        schemas = program.get("/openapi.json").json()["components"]["schemas"]
        assert {"HeroCreate", "HeroPublic", "HeroWithTeam", "TeamWithHeroes"} <= schemas.keys()
        assert (
            schemas["HeroBase"]["properties"]
            if "HeroBase" in schemas
            else "team" not in schemas["HeroPublic"]
        )


@pytest.mark.package("tortoise-orm", "databases")
def test_tortoise(environment):
    """`RegisterTortoise` in the lifespan, models made from tables, its errors as answers."""
    with environment.serve("orm_tortoise") as program:
        ada = program.post("/authors", json={"name": "Ada"})
        assert ada.status_code == 201, ada.text
        assert ada.json()["name"] == "Ada"
        again = program.post("/authors", json={"name": "Ada"})
        assert again.status_code == 422, again.text
        book = program.post("/authors/1/books", params={"title": "Notes"})
        assert book.status_code == 201, book.text
        assert book.json()["title"] == "Notes"
        assert [book["title"] for book in program.get("/authors").json()[0]["books"]] == ["Notes"]
        assert program.post("/authors/9/books", params={"title": "x"}).status_code == 404
        assert program.delete("/authors/1").status_code == 204
        assert program.get("/authors").json() == []
        assert program.get("/made").json() is True
        schemas = program.get("/openapi.json").json()["components"]["schemas"]
        assert schemas["AuthorIn"]["properties"].keys() == {"name"}


@pytest.mark.package("advanced-alchemy", "databases")
def test_advanced_alchemy(environment):
    """Services and filters as dependencies, a session that commits or rolls back by the status."""
    with environment.serve("orm_advanced_alchemy") as program:
        for name in ("Ada", "Ben", "Adam"):
            added = program.post("/authors", json={"name": name})
            assert added.status_code == 201, added.text
        page = program.get("/authors", params={"currentPage": 2}).json()
        assert (page["total"], page["limit"], page["offset"]) == (3, 2, 2)
        assert [author["name"] for author in page["items"]] == ["Adam"]
        later = program.get("/authors", params={"createdAfter": "2999-01-01T00:00:00Z"}).json()
        assert later["items"] == []
        assert program.get("/authors", params={"pageSize": "many"}).status_code == 422
        assert program.get("/authors/1").json() == {"id": 1, "name": "Ada"}
        assert program.post("/authors/refused").status_code == 409
        assert program.get("/authors").json()["total"] == 3
        parameters = program.get("/openapi.json").json()["paths"]["/authors"]["get"]["parameters"]
        assert {"createdAfter", "pageSize", "currentPage"} <= {each["name"] for each in parameters}


@pytest.mark.package("fastcrud", "databases")
def test_fastcrud(environment):
    """Create, read, list by page and by filter, update and delete through a router made from a table."""
    with environment.serve("orm_fastcrud") as program:
        for number in range(1, 13):
            added = program.post("/items", json={"name": f"item {number}", "price": number})
            assert added.status_code == 200, added.text
        assert program.post("/items", json={"price": "x"}).status_code == 422
        assert program.get("/items/3").json()["name"] == "item 3"
        assert program.get("/items/99").status_code == 404
        page = program.get("/items", params={"page": 2, "itemsPerPage": 5}).json()
        assert [item["id"] for item in page["data"]] == [6, 7, 8, 9, 10]
        assert page["total_count"] == 12
        dear = program.get("/items", params={"price__gt": 10}).json()
        assert [item["price"] for item in dear["data"]] == [11, 12]
        assert program.patch("/items/3", json={"price": 30}).status_code == 200
        assert program.get("/items/3").json()["price"] == 30
        assert program.delete("/items/3").status_code == 200
        assert program.get("/items/3").status_code == 404


@pytest.mark.package("piccolo", "databases")
def test_piccolo(environment):
    """Models made from a table, in and out."""
    with environment.serve("orm_piccolo") as program:
        added = program.post("/tasks", json={"name": "write"})
        assert (added.status_code, added.json()) == (201, {"id": 1, "name": "write", "rank": 1})
        assert program.post("/tasks", json={"name": "x" * 21}).status_code == 422
        assert program.get("/tasks").json() == [{"id": 1, "name": "write", "rank": 1}]


@pytest.mark.package("fastapi-async-sqlalchemy", "databases")
def test_fastapi_async_sqlalchemy(environment):
    """A session by middleware, committed at the end of the request, rolled back with a refusal."""
    with environment.serve("orm_async_sqlalchemy") as program:
        assert program.post("/notes/yes").json() == "yes"
        assert program.get("/notes").json() == ["yes"]
        assert program.post("/notes/no").status_code == 400


@pytest.mark.package("beanie", "documents")
def test_beanie(environment):
    """Documents that are models: links, a unique index, ids in paths, queries; not on MongoDB itself."""
    port = str(free_port())
    with environment.background("documents_server", MONGO_PORT=port):
        wait_until_listening(int(port))
        with environment.serve("documents_beanie", MONGO_PORT=port) as program:
            ada = program.post("/authors", json={"name": "Ada"})
            assert ada.status_code == 201, ada.text
            assert program.post("/authors", json={"name": "Ada"}).json() == {"detail": "Ada is here"}
            link = {"id": ada.json()["_id"], "collection": "Author"}
            notes = program.post("/books", json={"title": "Notes", "pages": 66, "author": link})
            assert notes.status_code == 201, notes.text
            path = f"/books/{notes.json()['_id']}"
            assert program.get(path).json()["author"]["name"] == "Ada"
            assert program.patch(path, params={"pages": 67}).json()["pages"] == 67
            assert [book["title"] for book in program.get("/books", params={"at_least": 67}).json()] == [
                "Notes"
            ]
            assert program.get("/books", params={"at_least": 68}).json() == []
            assert program.get("/books/nonsense").status_code == 422
            assert program.get(f"/books/{ada.json()['_id']}").status_code == 404
            assert program.delete(path).status_code == 204
            assert program.get(path).status_code == 404
            schemas = program.get("/openapi.json").json()["components"]["schemas"]
            assert schemas["Author"]["required"] == ["name"]
