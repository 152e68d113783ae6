"""Pages for administrators, in a real browser."""

import pytest

SAVE = "button[type=submit]:not([name])"  # of three: save, save and add another, save and continue


@pytest.mark.package("sqladmin", "data")
def test_sqladmin(environment, page):
    """In Chromium: sign in, create, list, search, edit, run an action on a row, delete, sign out."""
    with environment.serve_aliased("admin_sqladmin") as program:
        page.goto(f"{program.url}/admin/book/list")
        assert "/admin/login" in page.evaluate("location.pathname")
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", "wrong")
        page.click("[type=submit]")
        page.wait_for_text("Invalid")
        page.fill("[name=username]", "ada")
        page.fill("[name=password]", "right")
        page.click("[type=submit]")
        page.wait_for_text("Books")
        for title, pages in (("Middlemarch", "880"), ("Emma", "474")):
            page.goto(f"{program.url}/admin/book/create")
            page.fill("#title", title)
            page.fill("#pages", pages)
            page.click("[name=save][value='Save']")
            page.wait_for("location.pathname.endsWith('/list')")
            page.wait_for_text(title)
        page.goto(f"{program.url}/admin/book/list?search=Emma")
        assert "Middlemarch" not in page.text("table")
        page.goto(f"{program.url}/admin/book/edit/2")
        page.fill("#pages", "480")
        page.click("[name=save][value='Save']")
        page.wait_for_text("480")
        page.goto(f"{program.url}/admin/book/action/double?pks=2")
        page.wait_for_text("960")
        assert program.get("/books").json() == [
            {"title": "Middlemarch", "pages": 880},
            {"title": "Emma", "pages": 960},
        ]
        answer = page.evaluate("fetch('/admin/book/delete?pks=1', {method: 'DELETE'}).then((r) => r.status)")
        assert answer == 200
        assert [book["title"] for book in program.get("/books").json()] == ["Emma"]
        page.goto(f"{program.url}/admin/logout")
        assert "/admin/login" in page.evaluate("location.pathname")
        assert not [line for line in page.console if line.startswith("exception")]


@pytest.mark.package("starlette-admin", "data")
def test_starlette_admin(environment, page):
    """In Chromium: create a row, be told what is wrong with another, list, edit, delete."""
    with environment.serve("admin_starlette") as program:
        page.goto(f"{program.url}/admin/book/create")
        page.fill("[name=title]", "Em")
        page.fill("[name=pages]", "474")
        page.click(SAVE)
        page.wait_for_text("at least 3 characters")
        page.fill("[name=title]", "Emma")
        page.click(SAVE)
        page.wait_for("location.pathname.endsWith('/list')")
        page.wait_for_text("Emma", within="table")
        page.goto(f"{program.url}/admin/book/edit?pk=1")
        page.fill("[name=pages]", "480")
        page.click(SAVE)
        page.wait_for("location.pathname.endsWith('/list')")
        page.wait_for_text("480", within="table")
        assert program.get("/books").json() == [{"id": 1, "title": "Emma", "pages": 480}]
        deleted = page.evaluate("""fetch("/admin/_api/book/action?name=delete&pks=1", {
            method: "POST", headers: {"X-CSRFToken": Cookies.get("starlette_admin_csrftoken")}
        }).then((answer) => answer.status)""")
        assert deleted == 200
        assert program.get("/books").json() == []
        assert not [line for line in page.console if line.startswith("exception")]
