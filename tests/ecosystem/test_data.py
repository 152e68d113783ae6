"""Packages about users, databases and what is made from them."""

import pytest
from running import Environment

ADA = {"email": "ada@example.org", "password": "correct horse"}


@pytest.mark.package("fastapi-users", "data")
def test_fastapi_users(environment):
    """Register, sign in by token and by cookie, read and change oneself, reset the password."""
    with environment.serve("users") as program:
        created = program.post("/auth/register", json=ADA)
        assert created.status_code == 201, created.text
        assert created.json()["email"] == ADA["email"]
        assert "password" not in created.text
        again = program.post("/auth/register", json=ADA)
        assert (again.status_code, again.json()) == (400, {"detail": "REGISTER_USER_ALREADY_EXISTS"})
        assert program.post("/auth/register", json={"email": "no"}).status_code == 422

        form = {"username": ADA["email"], "password": ADA["password"]}
        wrong = program.post("/auth/jwt/login", data={**form, "password": "wrong"})
        assert (wrong.status_code, wrong.json()) == (400, {"detail": "LOGIN_BAD_CREDENTIALS"})
        token = program.post("/auth/jwt/login", data=form).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        assert program.get("/users/me").status_code == 401
        assert program.get("/users/me", headers=bearer).json()["id"] == created.json()["id"]
        assert program.get("/maybe").json() == {"hello": None}
        assert program.get("/maybe", headers=bearer).json() == {"hello": ADA["email"]}
        forbidden = program.get(f"/users/{created.json()['id']}", headers=bearer)
        assert forbidden.status_code == 403
        changed = program.patch("/users/me", headers=bearer, json={"email": "ada@example.com"})
        assert changed.json()["email"] == "ada@example.com"

        assert program.post("/auth/forgot-password", json={"email": "ada@example.com"}).status_code == 202
        mailed = program.get("/mail/ada@example.com").json()
        reset = program.post("/auth/reset-password", json={"token": mailed, "password": "new password"})
        assert reset.status_code == 200
        form = {"username": "ada@example.com", "password": "new password"}
        signed_in = program.post("/auth/cookie/login", data=form)
        assert signed_in.status_code == 204
        assert program.get("/hello").json() == {"hello": "ada@example.com"}
        assert program.post("/auth/cookie/logout").status_code == 204
        assert program.get("/hello").status_code == 401

        document = program.get("/openapi.json").json()
        login = document["paths"]["/auth/jwt/login"]["post"]
        assert set(login["responses"]) == {"200", "400", "422"}
        assert "application/x-www-form-urlencoded" in login["requestBody"]["content"]
        assert "OAuth2PasswordBearer" in document["components"]["securitySchemes"]


def test_fastapi_users_beside_rapide_auth(tmp_path):
    """Both log in, each refuses the other's tokens, and one route asks for both."""
    with Environment("data", tmp_path).serve("users_beside") as program:
        assert program.post("/auth/register", json=ADA).status_code == 201
        form = {"username": ADA["email"], "password": ADA["password"]}
        theirs = program.post("/auth/jwt/login", data=form).json()["access_token"]
        form = {"username": "ben", "password": "correct horse"}
        granted = program.post("/auth/token", data=form | {"grant_type": "password"})
        assert granted.status_code == 200, granted.text
        ours = granted.json()["access_token"]

        def ask(path, token):
            return program.get(path, headers={"authorization": f"Bearer {token}"})

        assert ask("/users/me", theirs).json()["email"] == ADA["email"]
        assert ask("/ours", ours).json() == {"ours": "1"}
        assert ask("/users/me", ours).status_code == 401
        assert ask("/ours", theirs).status_code == 401
        assert ask("/both", ours).status_code == 401
        form = {"username": ADA["email"], "password": ADA["password"]}
        assert program.post("/auth/cookie/login", data=form).status_code == 204
        assert ask("/both", ours).json() == {"ours": "1", "theirs": ADA["email"]}
        schemes = program.get("/openapi.json").json()["components"]["securitySchemes"]
        assert len(schemes) >= 3


@pytest.mark.package("fastapi-pagination", "data")
def test_fastapi_pagination(environment):
    """Pages by number, by offset and by cursor, of a list and of a selection; their parameters documented."""
    with environment.serve("pagination") as program:
        first = program.get("/listed").json()
        assert (first["total"], first["page"], first["size"], first["pages"]) == (100, 1, 50, 2)
        assert first["items"][0] == {"id": 1, "title": "Book 1"}
        page = program.get("/stored/pages", params={"page": 3, "size": 10}).json()
        assert [book["id"] for book in page["items"]] == list(range(21, 31))
        assert page["pages"] == 10
        assert program.get("/stored/pages", params={"size": 1000}).status_code == 422
        part = program.get("/stored/offsets", params={"limit": 5, "offset": 98}).json()
        assert [book["id"] for book in part["items"]] == [99, 100]

        seen, cursor = [], None
        for _ in range(3):
            query = {"size": 40} | ({"cursor": cursor} if cursor else {})
            page = program.get("/stored/cursors", params=query).json()
            seen += [book["id"] for book in page["items"]]
            cursor = page["next_page"]
        assert seen == list(range(1, 101))
        assert cursor is None

        document = program.get("/openapi.json").json()
        names = [each["name"] for each in document["paths"]["/stored/pages"]["get"]["parameters"]]
        assert names == ["page", "size"]
        names = [each["name"] for each in document["paths"]["/stored/offsets"]["get"]["parameters"]]
        assert names == ["limit", "offset"]
        assert "Page_Book_" in document["components"]["schemas"]


@pytest.mark.package("fastapi-filter", "data")
def test_fastapi_filter(environment):
    """Filter by a field, by a related table, by a list; search and order; wrong values are refused."""
    with environment.serve("filters") as program:

        def found(**query):
            answer = program.get("/people", params=query)
            assert answer.status_code == 200, answer.text
            return [person["name"] for person in answer.json()]

        assert found() == ["Ben", "Ada", "Adam"]
        assert found(name__ilike="ada%") == ["Ada", "Adam"]
        assert found(age__lt=40, at_least=30) == ["Ada"]
        assert found(town__name="Bern", order_by="-age") == ["Adam", "Ben"]
        assert found(town__name__in="Lyon,Bern") == ["Ben", "Ada", "Adam"]
        assert found(search="dam") == ["Adam"]
        refused = program.get("/people", params={"age__lt": "old"})
        assert refused.status_code == 422
        assert refused.json()["detail"][0]["loc"] == ["query", "age__lt"]
        refused = program.get("/people", params={"order_by": "weight"})
        assert refused.status_code == 422, refused.text

        parameters = program.get("/openapi.json").json()["paths"]["/people"]["get"]["parameters"]
        names = {each["name"] for each in parameters}
        assert {"name__ilike", "at_least", "town__name__in", "order_by"} <= names
