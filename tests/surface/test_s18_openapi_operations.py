"""Sections 18.2 and 18.7: operations, their security, callbacks and webhooks."""

import enum
import warnings
from typing import Annotated

import pytest
from described import operation_of, plain_endpoint
from document_files import assert_document, plain
from pydantic import BaseModel
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    Path,
    Query,
    Security,
    SecurityScopes,
    TestClient,
    load,
)

security = load("security")


class Item(BaseModel):
    name: str


class Event(BaseModel):
    kind: str
    item: Item | None = None


class Area(enum.Enum):
    shop = "shop"
    staff = "staff"


# --- 18.2 the operation


def test_operation_members_are_documented():
    """18.2: tags, summary, description, id, deprecation and extras of an operation."""
    app = FastAPI()

    @app.get(
        "/all",
        tags=["one", Area.shop],
        summary="Read it all",
        description="Explicit **text**.",
        operation_id="readAll",
        deprecated=True,
        response_description="All of it.",
        openapi_extra={"x-own": {"a": 1}, "externalDocs": {"url": "https://example.com/all"}},
    )
    def everything():
        """Docstring that is not used."""

    def read_from_docstring(): ...

    read_from_docstring.__doc__ = """
        First line.

        * a list
            with indentation
        \f
        Not shown.
        """
    app.get("/docstring")(read_from_docstring)

    @app.api_route("/head", methods=["HEAD"])
    def head(): ...

    @app.options("/options")
    def options(): ...

    @app.trace("/trace")
    def trace(): ...

    assert_document(app, "operation_members")


@pytest.mark.parametrize(
    ("name", "summary"),
    [("read_items", "Read Items"), ("readItems", "Readitems"), ("read2items", "Read2Items"), ("x", "X")],
)
def test_summary_is_the_title_cased_name(name, summary):
    """18.2: without a summary the function's name is one."""

    def endpoint(): ...

    endpoint.__name__ = name
    assert operation_of(endpoint)["summary"] == summary


def test_summary_follows_the_name_of_the_route():
    """18.2: an explicit route name makes summary and operation id."""
    operation = operation_of(plain_endpoint, name="other name")
    assert operation["summary"] == "Other Name"
    assert operation["operationId"] == "other_name_x_get"


@pytest.mark.parametrize(
    ("doc", "description"),
    [
        (None, None),
        ("", None),
        ("One.", "One."),
        ("One.\n\n    Two.\n    ", "One.\n\nTwo."),
        ("One.\fTwo.", "One."),
        ("One.\n    \f\n    Two.", "One."),
    ],
)
def test_description_is_the_docstring_up_to_a_form_feed(doc, description):
    """18.2: the cleaned docstring is the description, cut at the first form feed and stripped."""

    def endpoint(): ...

    endpoint.__doc__ = doc
    assert operation_of(endpoint).get("description") == description


@pytest.mark.parametrize(
    ("path", "method", "operation_id"),
    [
        ("/", "get", "plain_endpoint__get"),
        ("/items", "get", "plain_endpoint_items_get"),
        ("/items/", "post", "plain_endpoint_items__post"),
        ("/items/{item_id}", "get", "plain_endpoint_items__item_id__get"),
        ("/a-b.c/{x:path}", "put", "plain_endpoint_a_b_c__x__put"),
    ],
)
def test_operation_id_is_made_of_name_path_and_method(path, method, operation_id):
    """4.8: name + path format, non-word characters as "_", and the method."""
    app = FastAPI()
    getattr(app, method)(path)(plain_endpoint)
    (item,) = app.openapi()["paths"].values()
    assert item[method]["operationId"] == operation_id


@pytest.mark.parametrize("place", ["app", "router", "include", "route", "parent"])
def test_operation_id_generator_is_inherited(place):
    """4.5: a generate_unique_id_function may be set at any level; the innermost is used."""

    def generate(route):
        return f"{route.tags[0]}-{route.name}"

    own = {"generate_unique_id_function": generate}
    app = FastAPI(**(own if place == "app" else {}))
    parent = APIRouter(**(own if place == "parent" else {}))
    router = APIRouter(**(own if place == "router" else {}))
    router.get("/x", tags=["t"], **(own if place == "route" else {}))(plain_endpoint)
    parent.include_router(router)
    app.include_router(parent, **(own if place == "include" else {}))
    assert app.openapi()["paths"]["/x"]["get"]["operationId"] == "t-plain_endpoint"


def test_inner_generator_wins():
    """4.5: route before router before app; an explicit operation id before all."""
    app = FastAPI(generate_unique_id_function=lambda route: "app")
    router = APIRouter(generate_unique_id_function=lambda route: "router")
    router.get("/router")(plain_endpoint)
    router.get("/route", generate_unique_id_function=lambda route: "route")(plain_endpoint)
    router.get("/given", operation_id="given")(plain_endpoint)
    app.include_router(router)
    app.get("/app")(plain_endpoint)
    found = {path: item["get"]["operationId"] for path, item in app.openapi()["paths"].items()}
    assert found == {"/router": "router", "/route": "route", "/given": "given", "/app": "app"}


def test_duplicate_operation_id_warns():
    """18.2: a repeated id warns with the function's name when the document is built."""
    app = FastAPI()
    app.get("/a", operation_id="same")(plain_endpoint)

    @app.get("/b", operation_id="same")
    def second(): ...

    with pytest.warns(UserWarning, match="same") as caught:
        app.openapi()
    assert "second" in str(caught[0].message)
    assert __file__.rpartition("/")[2] in str(caught[0].message)


def test_several_methods_share_one_operation_id():
    """4.8, 24.7: a route of several methods has one id, and warns of the duplicate."""
    app = FastAPI()
    app.add_api_route("/x", plain_endpoint, methods=["GET", "POST"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quirk: the clash with itself
        item = app.openapi()["paths"]["/x"]
    assert set(item) == {"get", "post"}
    assert item["get"]["operationId"].startswith("plain_endpoint_x_")  # quirk: the suffix follows set order


@pytest.mark.parametrize("tags", [["b", "a", "b"], [Area.staff, "x"]])
def test_tags_keep_order_and_duplicates(tags):
    """18.2: tags are texts or enum members, in the order given."""
    expected = [tag.value if isinstance(tag, enum.Enum) else tag for tag in tags]
    assert operation_of(plain_endpoint, tags=tags)["tags"] == expected


def test_settings_of_routers_are_documented():
    """4.5: tags, dependencies, responses, deprecation and prefixes of every level meet in the operation."""
    app = FastAPI(responses={500: {"description": "app"}})

    def header(x_app: Annotated[str | None, Query()] = None): ...

    def inner_query(inner: int = 1): ...

    inner = APIRouter(
        prefix="/inner",
        tags=["inner"],
        dependencies=[Depends(inner_query)],
        responses={404: {"description": "inner"}},
    )
    outer = APIRouter(prefix="/outer/{outer_id}", tags=["outer"], deprecated=True)

    @inner.get("/x", tags=["route"], responses={409: {"description": "route"}})
    def read(outer_id: int): ...

    @inner.post("/x")
    def write(item: Item, outer_id: Annotated[int, Path()]) -> Item: ...

    @outer.get("/own")
    def own(): ...

    outer.include_router(inner, tags=["include"], responses={404: {"description": "include"}})
    app.include_router(outer, prefix="/api", tags=["call"], dependencies=[Depends(header)])
    app.include_router(inner, prefix="/again")
    assert_document(app, "operations_of_routers")


# --- openapi_extra


def test_extra_is_merged_deeply_and_last():
    """18.2: dicts are merged, lists appended, other values replaced."""
    operation = operation_of(
        lambda q=1: None,
        tags=["a"],
        summary="Own",
        openapi_extra={
            "tags": ["b"],
            "summary": "Replaced",
            "x-new": {"deep": [1]},
            "parameters": [{"name": "more", "in": "query", "schema": {"type": "string"}}],
            "responses": {"200": {"headers": {"X-A": {"schema": {"type": "string"}}}}},
        },
    )
    assert operation["tags"] == ["a", "b"]
    assert operation["summary"] == "Replaced"
    assert operation["x-new"] == {"deep": [1]}
    assert [item["name"] for item in operation["parameters"]] == ["q", "more"]
    assert operation["responses"]["200"]["description"] == "Successful Response"
    assert operation["responses"]["200"]["headers"] == {"X-A": {"schema": {"type": "string"}}}


def test_extra_may_describe_a_body_that_nobody_declared():
    """18.2: a requestBody of openapi_extra stands as it is."""
    body = {"content": {"application/yaml": {"schema": {"type": "object"}}}, "required": True}
    assert operation_of(plain_endpoint, "post", openapi_extra={"requestBody": body})["requestBody"] == body


def test_extra_is_not_changed_by_documenting():
    """18.2: the dict that was passed stays as it was."""
    extra = {"tags": ["b"], "responses": {"200": {"x": 1}}}
    operation_of(plain_endpoint, tags=["a"], openapi_extra=extra)
    assert extra == {"tags": ["b"], "responses": {"200": {"x": 1}}}


# --- security


def test_all_security_schemes_are_documented():
    """18.2.8: each kind of scheme, with description and own name."""
    app = FastAPI()
    flows = {
        "implicit": {"authorizationUrl": "https://example.com/a", "scopes": {"i": "I"}},
        "clientCredentials": {"tokenUrl": "https://example.com/t", "scopes": {}},
    }
    schemes = [
        security.APIKeyQuery(name="key"),
        security.APIKeyHeader(name="X-Key", scheme_name="HeaderKey", description="In a header."),
        security.APIKeyCookie(name="sid", auto_error=False),
        security.HTTPBasic(realm="shop"),
        security.HTTPBearer(bearerFormat="JWT", description="A token."),
        security.HTTPDigest(),
        security.OpenIdConnect(openIdConnectUrl="https://example.com/.well-known"),
        security.OAuth2PasswordBearer("token", scopes={"read": "Read it."}, refreshUrl="refresh"),
        security.OAuth2AuthorizationCodeBearer(
            "https://example.com/a", "https://example.com/t", scopes={"x": "X"}, scheme_name="Code"
        ),
        security.OAuth2(flows=flows, description="Two flows."),
    ]
    for number, scheme in enumerate(schemes):
        app.get(f"/{number}", dependencies=[Security(scheme)])(plain_endpoint)
    assert_document(app, "security_schemes")


def test_security_of_dependency_trees_is_documented():
    """18.2.8: one entry for each scheme used in the tree, its scopes merged over all uses."""
    app = FastAPI()
    oauth = security.OAuth2PasswordBearer("token", scopes={"read": "R", "write": "W", "admin": "A"})
    key = security.APIKeyHeader(name="X-Key")

    def user(scopes: SecurityScopes, token: str = Depends(oauth)):
        return token

    def admin(who: str = Security(user, scopes=["admin"]), given: str = Depends(key)):
        return who

    @app.get("/open")
    def free(): ...

    @app.get("/plain")
    def simple(token: str = Depends(oauth)): ...

    @app.get("/scoped")
    def scoped(who: str = Security(user, scopes=["read", "write"])): ...

    @app.get("/nested")
    def nested(who: str = Security(admin, scopes=["write"])): ...

    @app.get("/merged", dependencies=[Security(user, scopes=["write"])])
    def merged(who: str = Security(user, scopes=["read", "write"]), other: str = Depends(admin)): ...

    router = APIRouter(dependencies=[Depends(key)])
    router.get("/router")(simple)
    app.include_router(router, dependencies=[Security(user, scopes=["read"])])
    assert_document(app, "security_of_trees")


def test_security_schemes_need_no_422():
    """18.2.8: a scheme is no parameter: it documents neither parameters nor 422."""
    operation = operation_of(lambda key=Depends(security.APIKeyHeader(name="x-key")): None)
    assert "parameters" not in operation
    assert set(operation["responses"]) == {"200"}
    assert operation["security"] == [{"APIKeyHeader": []}]


def test_two_schemes_of_one_name_share_a_component():
    """18.2.8: components are keyed by scheme name; the later one stands."""
    app = FastAPI()
    first, second = security.APIKeyHeader(name="x-one"), security.APIKeyHeader(name="x-two")

    @app.get("/")
    def endpoint(a: str = Depends(first), b: str = Depends(second)): ...

    document = plain(app.openapi())
    assert document["paths"]["/"]["get"]["security"] == [{"APIKeyHeader": []}]
    schemes = document["components"]["securitySchemes"]
    assert schemes == {"APIKeyHeader": {"type": "apiKey", "in": "header", "name": "x-two"}}


def test_subclass_names_its_scheme():
    """17: the default scheme name is that of the class."""

    class ShopToken(security.HTTPBearer):
        pass

    assert operation_of(lambda t=Depends(ShopToken()): None)["security"] == [{"ShopToken": []}]


# --- callbacks and webhooks


def _callbacks():
    router = APIRouter()

    @router.post("{$request.body.url}/done/{$request.body.id}", response_model=Item, tags=["cb"])
    def done(event: Event): ...

    @router.get("{$request.query.ping}")
    def ping(n: int): ...

    return router


def test_callbacks_are_documented():
    """18.2.9: each callback route under its name and path expression, with its schemas."""
    app = FastAPI()

    @app.post("/orders", callbacks=_callbacks().routes)
    def order(item: Item, url: str, ping: str | None = None): ...

    assert_document(app, "callbacks")


def test_callbacks_of_all_levels_are_collected():
    """4.5: callbacks of app, router, include call and route are concatenated."""

    def callback(name):
        router = APIRouter()
        router.post(f"{{$request.query.{name}}}", name=name)(plain_endpoint)
        return router.routes

    app = FastAPI(callbacks=callback("app"))
    router = APIRouter(callbacks=callback("router"))
    router.post("/x", callbacks=callback("route"))(plain_endpoint)
    app.include_router(router, callbacks=callback("include"))
    found = app.openapi()["paths"]["/x"]["post"]["callbacks"]
    assert set(found) == {"app", "include", "router", "route"}
    assert list(found["route"]) == ["{$request.query.route}"]
    assert set(found["route"]["{$request.query.route}"]) == {"post"}


def test_webhooks_are_documented():
    """18.7: routes of app.webhooks are documented under their path, and not served."""
    app = FastAPI()

    @app.webhooks.post("new-order", tags=["hook"], summary="An order came")
    def new_order(event: Event, retry: int = 0) -> Item: ...

    @app.webhooks.get("ping")
    def ping(): ...

    @app.get("/used")
    def used() -> Item: ...

    assert_document(app, "webhooks")
    assert TestClient(app).post("/new-order", json={"kind": "x"}).status_code == 404


def test_webhooks_can_be_a_router_of_their_own():
    """18.7: `webhooks=` takes a router; without webhooks there is no member."""
    router = APIRouter()
    router.post("gone")(plain_endpoint)
    assert list(FastAPI(webhooks=router).openapi()["webhooks"]) == ["gone"]
    assert "webhooks" not in FastAPI().openapi()
