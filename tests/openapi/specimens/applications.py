# ruff: noqa: C901, D103, D301 -- users write such things, so they are documented too
"""Applications whose interest is in the document around the operations."""

from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, HttpUrl

from specimens.target import APIRouter, Body, Depends, FastAPI, Header, Query, load, specimen

models: Any = load("openapi.models")


class Tags(Enum):
    items = "items"
    users = "users"


class Item(BaseModel):
    name: str


@specimen
def everything_about_the_document() -> Any:
    return FastAPI(
        title="The title",
        summary="The summary",
        description="The *description*",
        version="9.9",
        terms_of_service="https://example.com/terms",
        contact={"name": "N", "url": "https://example.com", "email": "a@example.com", "x-own": 1},
        license_info={"name": "MIT", "identifier": "MIT", "url": None},
        openapi_tags=[
            {
                "name": "items",
                "description": "D",
                "externalDocs": {"url": "https://example.com", "description": "x"},
            },
            {"name": "users", "x-own": {"a": None, "b": 1}},
        ],
        servers=[
            {"url": "/", "description": "here"},
            {"url": "https://example.com"},
            {
                "url": "https://{x}.example.com",
                "variables": {"x": {"default": "a", "enum": ["a", "b"], "description": "d"}},
            },
        ],
        openapi_external_docs={"url": "https://example.com/docs", "description": "More"},
    )


@specimen
def an_empty_application() -> Any:
    return FastAPI()


@specimen
def empty_texts() -> Any:
    return FastAPI(
        title="t",
        version="v",
        summary="",
        description="",
        terms_of_service="",
        contact={},
        license_info={"name": ""},
        openapi_tags=[],
        servers=[],
        openapi_external_docs={"url": "https://example.com"},
    )


@specimen
def urls_without_path() -> Any:
    return FastAPI(
        contact={"url": "https://example.com"},
        license_info={"name": "x", "url": "https://EXAMPLE.com"},
        terms_of_service="https://example.com",
        openapi_tags=[{"name": "t", "externalDocs": {"url": "https://example.com?q=1"}}],
        servers=[{"url": "https://EXAMPLE.com:443"}, {"url": "{scheme}://x"}],
        openapi_external_docs={"url": "HTTPS://example.com"},
    )


@specimen
def another_version() -> Any:
    app = FastAPI()
    app.openapi_version = "3.0.2"

    @app.get("/a")
    def a(q: int | None = None):
        pass

    return app


@specimen
def root_path_and_servers() -> Any:
    return FastAPI(root_path="/api", servers=[{"url": "/x"}])


@specimen
def operations() -> Any:
    app = FastAPI()

    @app.get("/a", tags=["x", Tags.items], summary="S", description="D", operation_id="opid", deprecated=True)
    def a():
        """Not used."""

    @app.get("/doc")
    def doc():
        """First line.

        Second   paragraph.

            code
        \f
        Hidden.
        """

    @app.get("/empty-description", description="", summary="")
    def empty_description():
        """Doc."""

    @app.get("/form-feed", description="shown\fhidden")
    def form_feed():
        pass

    @app.get("/named", name="a name_with-things")
    def named():
        pass

    @app.get("/not-deprecated", deprecated=False)
    def not_deprecated():
        pass

    @app.get("/no-schema", include_in_schema=False)
    def no_schema(item: Annotated[Item, Body()]):
        pass

    @app.get("/slash/")
    def slash():
        pass

    @app.get("")
    def empty_path():
        pass

    @app.post("/doc")
    def posted():
        """Another method of a known path."""

    class Callable:
        """Class doc."""

        def __call__(self):
            """Call doc."""

    app.get("/callable", name="callable")(Callable())
    return app


@specimen
def operation_extras() -> Any:
    app = FastAPI()

    @app.get(
        "/new",
        openapi_extra={
            "x-own": {"a": None, "b": [None, 1]},
            "security": [],
            "externalDocs": {"url": "https://example.com"},
        },
    )
    def new():
        pass

    @app.get(
        "/merge",
        tags=["a"],
        openapi_extra={
            "tags": ["b"],
            "summary": "Changed",
            "parameters": [{"name": "more", "in": "query", "schema": {"type": "string"}, "required": False}],
            "responses": {
                "200": {"description": "Other", "headers": {"X-A": {"schema": {"type": "integer"}}}},
                "404": {"description": "No"},
            },
        },
    )
    def merge(q: int = 3):
        pass

    @app.post(
        "/body",
        openapi_extra={
            "requestBody": {
                "content": {"application/x-yaml": {"schema": {"type": "object", "required": ["a"]}}},
                "required": True,
            },
            "x-model": Item(name="x"),
            "x-enum": Tags.items,
        },
    )
    def body():
        pass

    @app.post(
        "/both",
        openapi_extra={
            "requestBody": {"content": {"application/json": {"example": {"name": "x", "null": None}}}}
        },
    )
    def both(item: Item):
        pass

    @app.get(
        "/servers",
        openapi_extra={
            "servers": [{"url": "https://example.com"}],
            "x-codeSamples": [{"lang": "sh", "source": "ls"}],
        },
    )
    def servers():
        pass

    @app.get("/empty", openapi_extra={})
    def empty():
        pass

    return app


@specimen
def no_documentation() -> Any:
    app = FastAPI()

    @app.api_route("/several", methods=["POST"])
    def several():
        pass

    @app.websocket("/ws")
    async def ws(websocket: Any):
        pass

    app.add_route("/raw", lambda request: None)
    app.mount("/sub", FastAPI())
    return app


def token(x_token: Annotated[str, Header()]) -> str:
    return x_token


@specimen
def included_routers() -> Any:
    app = FastAPI(responses={500: {"description": "App"}}, dependencies=[Depends(token)])
    inner = APIRouter(
        prefix="/inner", tags=["inner"], responses={404: {"description": "Inner"}}, deprecated=True
    )

    @inner.get("/{x}", tags=[Tags.items], responses={410: {"description": "Route"}})
    def get_inner(x: int, prefix: str):
        pass

    hidden = APIRouter(include_in_schema=False)

    @hidden.get("/hidden")
    def get_hidden():
        pass

    outer = APIRouter(prefix="/outer/{prefix}", tags=["outer"])
    outer.include_router(
        inner, tags=["between"], responses={404: {"description": "Include"}, 405: {"description": "I"}}
    )
    outer.include_router(hidden)
    app.include_router(outer, tags=["app"])
    app.include_router(outer, prefix="/again", include_in_schema=True, deprecated=False)
    app.include_router(inner, prefix="/direct/{prefix}", include_in_schema=False)

    @inner.get("/late/r")
    def late():
        pass

    return app


class Event(BaseModel):
    kind: str


class Answer(BaseModel):
    ok: bool = True


@specimen
def callbacks() -> Any:
    app = FastAPI()
    router = APIRouter()

    @router.post("{$callback_url}/events/{$request.body.id}", response_model=Answer)
    def on_event(event: Event, q: int = 1):
        """Called back."""

    @router.get("{$callback_url}/hidden", include_in_schema=False)
    def hidden_callback():
        pass

    more = APIRouter()

    @more.put("/more/{x}", name="named callback", responses={404: {"model": Answer}})
    def more_callback(x: int) -> Event:
        pass

    nested = APIRouter()

    @nested.post("/nested", callbacks=more.routes)
    def nested_callback():
        pass

    @app.post("/subscribe", callbacks=router.routes)
    def subscribe(callback_url: HttpUrl | None = None):
        pass

    @app.post("/both", callbacks=[*router.routes, *nested.routes])
    def both():
        pass

    included = APIRouter(callbacks=more.routes)

    @included.get("/i", callbacks=router.routes)
    def with_included():
        pass

    app.include_router(included, callbacks=nested.routes)
    return app


@specimen
def webhooks() -> Any:
    app = FastAPI()

    @app.webhooks.post("new-event", tags=["hooks"])
    def new_event(event: Event) -> Answer:
        """Sent for every event."""

    @app.webhooks.get("with-parameter")
    def with_parameter(q: Annotated[int, Query(ge=3)] = 3):
        pass

    @app.webhooks.put("new-event")
    def put_event(event: Event):
        pass

    @app.webhooks.get("hidden", include_in_schema=False)
    def hidden_hook():
        pass

    @app.post("/event")
    def post_event(event: Event) -> Event:
        pass

    return app


@specimen
def only_webhooks() -> Any:
    app = FastAPI()

    @app.webhooks.post("one")
    def one():
        pass

    return app


@specimen
def extra_members_as_models() -> Any:
    app = FastAPI(
        servers=[models.Server(url="https://example.com").model_dump(exclude_none=True)],
    )

    @app.get(
        "/a",
        responses={
            404: {
                "description": "x",
                "headers": {"X": models.Header(description="h", schema={"type": "string"})},
            }
        },
        openapi_extra={"externalDocs": models.ExternalDocumentation(url="https://example.com")},
    )
    def a():
        pass

    return app
