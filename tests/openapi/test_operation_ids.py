"""Operation ids: names of functions, told apart by paths."""

from typing import Annotated, Any

import pytest

from rapide import APIRouter, Body, Rapide
from rapide.errors import RouteError
from rapide.fastapi import FastAPI


def _ids(app: Rapide) -> dict[str, str]:
    """The ids of a document by operation."""
    return {
        f"{method} {path}": operation["operationId"]
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
    }


def _router() -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_all() -> None: ...

    @router.get("/{item_id}")
    def read(item_id: int) -> None: ...

    return router


def test_names_that_several_functions_have_are_told_apart_by_their_paths() -> None:
    """Two routers may both have a `list_all`; what only one has keeps its short name."""
    app = Rapide()
    app.include_router(_router(), prefix="/books")
    app.include_router(_router(), prefix="/old/readers")

    @app.get("/")
    def index() -> None: ...

    assert _ids(app) == {
        "get /books": "list_all_books",
        "get /books/{item_id}": "read_books_item_id",
        "get /old/readers": "list_all_old_readers",
        "get /old/readers/{item_id}": "read_old_readers_item_id",
        "get /": "index",
    }
    assert app.check() == []


def test_order_of_declaration_does_not_decide() -> None:
    """All that share a name give way: none is the first."""
    ids = []
    for prefixes in (["/a", "/b"], ["/b", "/a"]):
        app = Rapide()
        for prefix in prefixes:
            app.include_router(_router(), prefix=prefix)
        ids.append(_ids(app))
    assert ids[0] == ids[1]


def test_functions_of_one_name_and_path_are_told_apart_by_their_methods() -> None:
    """The path alone does not do it."""
    app = Rapide()
    for method in ("GET", "POST"):

        @app.api_route("/books", methods=[method])
        def books() -> None: ...

    assert _ids(app) == {"get /books": "books_books_get", "post /books": "books_books_post"}


def test_function_at_two_paths_has_two_ids() -> None:
    """Decorators stack."""
    app = Rapide()

    @app.get("/")
    @app.get("/index")
    def index() -> None: ...

    assert _ids(app) == {"get /": "index", "get /index": "index_index"}


def test_explicit_id_stays_and_the_others_give_way() -> None:
    """Whoever said an id gets it, be it also the name of a function."""
    app = Rapide()

    @app.get("/a")
    def read() -> None: ...

    @app.get("/b", operation_id="read")
    def other() -> None: ...

    assert _ids(app) == {"get /a": "read_a", "get /b": "read"}


def test_explicit_id_of_several_methods_is_made_one_for_each() -> None:
    """Ids are unique among all operations (OpenAPI 3.1.1, section 4.8.10.1)."""
    app = Rapide()

    @app.api_route("/a", methods=["PUT", "GET"], operation_id="x")
    def read() -> None: ...

    assert _ids(app) == {"get /a": "x_get", "put /a": "x_put"}


def _clashing(app: Rapide) -> Rapide:
    @app.get("/a", operation_id="same")
    def first() -> None: ...

    @app.get("/b", operation_id="same")
    def second() -> None: ...

    return app


def test_explicit_ids_that_are_equal_are_an_error_at_start() -> None:
    """Nothing can tell them apart; the error says where both are."""
    app = _clashing(Rapide())
    with pytest.raises(RouteError) as caught:
        app.prepare()
    error = caught.value
    assert error.code == "RAP205"
    assert "'same' of /b is also that of /a" in error.message
    assert "test_operation_ids.py, line" in error.message
    assert error.function is not None
    assert error.function.endswith("second")
    (problem,) = app.check()
    assert (problem.code, problem.severity) == ("RAP205", "error")


def test_equal_ids_of_a_function_of_the_users_are_an_error_at_start() -> None:
    """The function has said them, as `operation_id` does."""
    app = Rapide(generate_unique_id_function=lambda route: "all")
    app.get("/a")(lambda: None)
    app.get("/b")(lambda: None)
    with pytest.raises(RouteError, match="RAP205"):
        app.openapi()


def test_equal_ids_are_warned_of_on_the_other_face() -> None:
    """FastAPI makes the document all the same."""
    app = _clashing(FastAPI())
    (problem,) = app.check()
    assert (problem.code, problem.severity) == ("RAP205", "warning")
    with pytest.warns(UserWarning, match="Duplicate Operation ID same"):
        app.openapi()


def test_route_declared_twice_is_one_operation() -> None:
    """The document shows one of them, so their id is there once."""
    app = Rapide()

    def read() -> None: ...

    app.get("/a", operation_id="x")(read)
    app.get("/a", operation_id="x")(read)
    assert _ids(app) == {"get /a": "x"}


def test_webhooks_have_ids_of_their_own() -> None:
    """An id is unique in the whole document."""
    app = Rapide()
    app.webhooks.post("new", operation_id="x")(lambda: None)
    app.get("/a", operation_id="x")(lambda: None)
    with pytest.raises(RouteError, match="RAP205"):
        app.openapi()


def test_hidden_routes_have_no_ids() -> None:
    """What the document does not show cannot clash."""
    app = Rapide()
    app.get("/a", operation_id="x", include_in_schema=False)(lambda: None)
    app.get("/b", operation_id="x")(lambda: None)
    assert _ids(app) == {"get /b": "x"}


def test_components_of_bodies_are_named_after_the_operation() -> None:
    """Two functions of one name have two bodies."""
    app = Rapide()
    for path in ("/a", "/b"):

        @app.post(path)
        def add(one: Annotated[int, Body()], other: Annotated[Any, Body()]) -> None: ...

    schemas = app.openapi()["components"]["schemas"]
    assert {name for name in schemas if name.startswith("Body")} == {"Body_add_a", "Body_add_b"}
