"""Sections 18.1 and 3.6: the document as a whole, its making and serving."""

from typing import Annotated, Any

import pytest
from described import operation_of, plain_endpoint
from document_files import assert_document, plain
from pydantic import BaseModel
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Mount, Route
from surface_target import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    Form,
    HTMLResponse,
    Query,
    Security,
    SecurityScopes,
    TestClient,
    WebSocket,
    iter_route_contexts,
    load,
)

security = load("security")
get_openapi = load("openapi.utils").get_openapi


class Item(BaseModel):
    name: str


class Event(BaseModel):
    kind: str
    item: Item | None = None


# --- 18.1 the root


def test_empty_application_has_a_minimal_document():
    """18.1: title, version, no paths; nothing else."""
    assert FastAPI().openapi() == {
        "openapi": "3.1.0",
        "info": {"title": "FastAPI", "version": "0.1.0"},
        "paths": {},
    }


def test_root_members_are_documented():
    """18.1: info, servers, tags and externalDocs as given, unknown keys kept."""
    app = FastAPI(
        title="Shop",
        summary="Sells things.",
        description="**Everything** about the shop.",
        version="2.1",
        terms_of_service="https://example.com/terms",
        contact={"name": "Help", "url": "https://example.com", "email": "help@example.com", "x-room": 1},
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[
            {
                "url": "https://{region}.example.com",
                "variables": {"region": {"default": "eu", "enum": ["eu", "us"]}},
            },
            {"url": "/v1", "description": "Here.", "x-own": [1]},
        ],
        openapi_tags=[
            {
                "name": "zebra",
                "description": "Last letter.",
                "externalDocs": {"url": "https://example.com/z"},
            },
            {"name": "aardvark", "x-order": 2},
        ],
        openapi_external_docs={"url": "https://example.com/docs", "description": "More."},
    )

    @app.get("/", tags=["aardvark"])
    def home(): ...

    assert_document(app, "root_members")


def test_urls_of_contact_license_and_external_docs_are_normalised():
    """18.1: URLs pass through the document's models: a bare host gets its slash."""
    app = FastAPI(
        contact={"url": "https://example.com"},
        license_info={"name": "MIT", "url": "https://example.com"},
        openapi_external_docs={"url": "https://example.com"},
        servers=[{"url": "https://example.com"}],
    )
    document = plain(app.openapi())
    assert document["info"]["contact"] == {"url": "https://example.com/"}
    assert document["info"]["license"] == {"name": "MIT", "url": "https://example.com/"}
    assert document["externalDocs"] == {"url": "https://example.com/"}
    assert document["servers"] == [{"url": "https://example.com"}]


def test_empty_texts_are_left_out():
    """18.1: an empty description or summary is no member."""
    assert "description" not in FastAPI(description="").openapi()["info"]
    assert "summary" not in FastAPI(summary=None).openapi()["info"]


def test_order_of_tags_is_kept():
    """18.1: tags are listed in the order given."""
    names = ["c", "a", "b"]
    app = FastAPI(openapi_tags=[{"name": name} for name in names])
    assert [tag["name"] for tag in app.openapi()["tags"]] == names


def test_openapi_version_can_be_assigned():
    """18.1: app.openapi_version is written at the top."""
    app = FastAPI()
    app.openapi_version = "3.0.2"
    assert app.openapi()["openapi"] == "3.0.2"


def test_paths_keep_the_order_of_registration():
    """18.1: paths and their operations appear as registered."""
    app, router = FastAPI(), APIRouter(prefix="/m")
    router.get("/x")(plain_endpoint)
    app.get("/z")(plain_endpoint)
    app.include_router(router)
    app.get("/a")(plain_endpoint)
    app.post("/z")(plain_endpoint)
    paths = app.openapi()["paths"]
    assert list(paths) == ["/z", "/m/x", "/a"]
    assert list(paths["/z"]) == ["get", "post"]


def test_only_api_routes_are_documented(tmp_path):
    """18.1: no WebSockets, Starlette routes, mounts, hosts or frontends, and nothing that is excluded."""

    async def raw(request):
        return StarlettePlainText("raw")

    app = FastAPI(routes=[Route("/raw", raw), Mount("/mounted", app=raw)])
    hidden = APIRouter(include_in_schema=False)
    hidden.get("/hidden-router", include_in_schema=True)(plain_endpoint)
    excluded = APIRouter()
    excluded.get("/hidden-include")(plain_endpoint)
    app.add_route("/added", raw)
    app.mount("/child", FastAPI())
    app.host("other.example", FastAPI())
    app.frontend("/ui", directory=tmp_path)
    app.get("/hidden", include_in_schema=False)(plain_endpoint)
    app.include_router(hidden)
    app.include_router(excluded, include_in_schema=False)
    app.get("/seen")(plain_endpoint)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket): ...

    assert list(app.openapi()["paths"]) == ["/seen"]


def test_application_can_be_excluded_as_a_whole():
    """18.1: include_in_schema=False of the app hides all its routes."""
    app = FastAPI(include_in_schema=False)
    app.get("/x")(plain_endpoint)
    assert app.openapi()["paths"] == {}


# --- building, caching, serving


def test_document_is_cached_and_rebuilt_when_routes_come():
    """3.6: the same dict until some router of the tree gains a route."""
    app, router = FastAPI(), APIRouter()
    assert app.openapi_schema is None
    app.include_router(router)
    first = app.openapi()
    assert app.openapi() is first
    assert app.openapi_schema is first
    router.get("/late")(plain_endpoint)
    assert "/late" in app.openapi()["paths"]
    app.get("/later")(plain_endpoint)
    assert {"/late", "/later"} <= set(app.openapi()["paths"])


def test_document_can_be_replaced():
    """3.6: an assigned openapi callable is what is served."""
    app = FastAPI()
    original = app.openapi

    def custom():
        document = original()
        document["info"]["x-logo"] = {"url": "logo.png"}
        return document

    app.openapi = custom
    assert TestClient(app).get("/openapi.json").json()["info"]["x-logo"] == {"url": "logo.png"}


@pytest.mark.parametrize(
    ("options", "servers"),
    [
        ({}, [{"url": "/proxy"}]),
        ({"servers": [{"url": "/other"}]}, [{"url": "/proxy"}, {"url": "/other"}]),
        ({"servers": [{"url": "/other"}, {"url": "/proxy"}]}, [{"url": "/other"}, {"url": "/proxy"}]),
        ({"root_path_in_servers": False}, None),
        ({"servers": [{"url": "/other"}], "root_path_in_servers": False}, [{"url": "/other"}]),
    ],
)
def test_root_path_is_the_first_server(options, servers):
    """3.6: the served copy starts with the request's root path unless it is there already."""
    app = FastAPI(**options)
    document = TestClient(app, root_path="/proxy").get("/openapi.json").json()
    assert document.get("servers") == servers
    assert app.openapi().get("servers") == options.get("servers")


def test_mounted_application_serves_its_own_document():
    """4.7: a sub-application's document has its mount path as server and is absent from the parent's."""
    child, app = FastAPI(title="Child"), FastAPI()
    child.get("/x")(plain_endpoint)
    app.mount("/child", child)
    client = TestClient(app)
    document = client.get("/child/openapi.json").json()
    assert (document["info"]["title"], list(document["paths"])) == ("Child", ["/x"])
    assert document["servers"] == [{"url": "/child"}]
    assert client.get("/openapi.json").json()["paths"] == {}
    behind = TestClient(app, root_path="/proxy").get("/proxy/child/openapi.json").json()
    assert behind["servers"] == [{"url": "/proxy/child"}]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_document_is_served_at_its_url(method):
    """3.5: the schema route answers GET and HEAD at openapi_url."""
    client = TestClient(FastAPI(openapi_url="/schema/v1.json"))
    answer = client.request(method, "/schema/v1.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert client.get("/openapi.json").status_code == 404


def test_no_document_is_served_without_url():
    """3.1: openapi_url=None switches schema and docs pages off; app.openapi() still builds."""
    app = FastAPI(openapi_url=None)
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/openapi.json", "/docs", "/redoc")] == [404] * 3
    assert app.openapi()["info"]["title"] == "FastAPI"


def test_get_openapi_builds_a_document_of_any_routes():
    """2.14: get_openapi takes metadata and routes or contexts, and knows nothing of an app."""
    app = FastAPI(title="unused")
    router = APIRouter(prefix="/r", tags=["r"])
    router.get("/x")(plain_endpoint)
    app.include_router(router)
    app.get("/own")(plain_endpoint)
    hooks = APIRouter()
    hooks.post("hook")(plain_endpoint)
    document = get_openapi(
        title="Own",
        version="9",
        openapi_version="3.2.0",
        description="Text",
        routes=app.routes,
        tags=[{"name": "r"}],
        servers=[{"url": "/s"}],
        webhooks=hooks.routes,
        external_docs={"url": "https://example.com/x"},
    )
    assert document["openapi"] == "3.2.0"
    assert document["info"] == {"title": "Own", "description": "Text", "version": "9"}
    assert list(document["paths"]) == ["/r/x", "/own"]
    assert list(document["webhooks"]) == ["hook"]
    assert document["tags"] == [{"name": "r"}]
    assert document["servers"] == [{"url": "/s"}]
    assert document["externalDocs"] == {"url": "https://example.com/x"}


def test_get_openapi_takes_filtered_contexts():
    """4.5: contexts of iter_route_contexts may be filtered and documented alone."""
    app = FastAPI()
    router = APIRouter(prefix="/r")
    for name in ("a", "b"):
        router.get(f"/{name}", tags=[name])(plain_endpoint)
    app.include_router(router, prefix="/in")
    contexts = iter_route_contexts(app.routes)
    chosen = [context for context in contexts if "b" in (getattr(context, "tags", None) or [])]
    document = get_openapi(title="Part", version="1", routes=chosen)
    assert list(document["paths"]) == ["/in/r/b"]


def test_unknown_members_survive_but_none_is_dropped():
    """18.1: unknown keys are kept at any depth; None members of dicts vanish, those of lists stay."""
    given = {"x-none": None, "x-list": [None, {"a": None, "b": 1}], "x-zero": 0, "x-empty": {}, "x-no": False}
    kept = {"x-list": [None, {"b": 1}], "x-zero": 0, "x-empty": {}, "x-no": False}

    def endpoint(q: Annotated[int, Query(json_schema_extra=given)] = 1): ...

    operation = operation_of(
        endpoint, responses={404: {"description": "d", **given}}, openapi_extra={"x-extra": given}
    )
    (parameter,) = operation["parameters"]
    assert operation["responses"]["404"] == {"description": "d", **kept}
    assert operation["x-extra"] == kept
    assert parameter["schema"] == {"type": "integer", "title": "Q", "default": 1, **kept}


@pytest.mark.parametrize("method", ["QUERY", "CONNECT", "OPTIONS"])
def test_other_methods_are_documented_under_their_name(method):
    """18.2, 24.8: any method is a key in lower case, without a body."""
    app = FastAPI()

    @app.api_route("/x", methods=[method])
    def endpoint(item: Item): ...

    (operation,) = app.openapi()["paths"]["/x"].values()
    assert list(app.openapi()["paths"]["/x"]) == [method.lower()]
    assert method == "QUERY" or "requestBody" not in operation  # quirk: QUERY has a body that is not shown


def test_own_convertor_leaves_no_trace():
    """18.2.2: a registered convertor is dropped from the documented path."""
    from starlette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor

    class Upper(Convertor[str]):
        regex = "[A-Z]+"

        def convert(self, value: str) -> str:
            return value

        def to_string(self, value: str) -> str:
            return value

    register_url_convertor("upper", Upper())
    try:
        app = FastAPI()

        @app.get("/{name:upper}")
        def endpoint(name: str): ...

        (parameter,) = app.openapi()["paths"]["/{name}"]["get"]["parameters"]
        assert parameter["schema"] == {"type": "string", "title": "Name"}
    finally:
        del CONVERTOR_TYPES["upper"]


def test_whole_application_is_documented():
    """18: a small shop with routers, security, models, forms, events and pages, as one document."""
    app = FastAPI(title="Shop", version="1.0", openapi_tags=[{"name": "items", "description": "Goods."}])
    oauth = security.OAuth2PasswordBearer("login", scopes={"items": "Change goods."})
    items = APIRouter(prefix="/items", tags=["items"], responses={404: {"description": "No such item"}})

    def user(scopes: SecurityScopes, token: Annotated[str, Depends(oauth)]):
        return token

    @app.post("/login", tags=["users"])
    def login(username: Annotated[str, Form()], password: Annotated[str, Form()]) -> dict[str, str]: ...

    @items.get("/")
    def list_items(q: str | None = None, limit: Annotated[int, Query(le=100)] = 10) -> list[Item]: ...

    @items.get("/{item_id}")
    def read_item(item_id: int) -> Item: ...

    @items.put("/{item_id}", dependencies=[Security(user, scopes=["items"])])
    def change_item(item_id: int, item: Item, reason: Annotated[str, Body()]) -> Item: ...

    @items.delete("/{item_id}", status_code=204, dependencies=[Security(user, scopes=["items"])])
    def delete_item(item_id: int) -> None: ...

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    def home(): ...

    @app.get("/page", response_class=HTMLResponse)
    def page(who: Annotated[Any, Security(user)]): ...

    @app.get("/changes")
    async def changes():
        yield Event(kind="x")

    app.include_router(items, prefix="/v1")
    assert_document(app, "whole_application")
