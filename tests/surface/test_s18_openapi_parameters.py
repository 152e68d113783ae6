"""Section 18.2: parameters in whole OpenAPI documents."""

import datetime as dt
import decimal
import enum
import re
import uuid
from typing import Annotated, Any, Literal

from document_files import assert_document
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from surface_target import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPConnection,
    Path,
    Query,
    Request,
    Response,
)


class Colour(enum.Enum):
    """The colours on sale."""

    red = "red"
    green = "green"


class Level(enum.IntEnum):
    low = 1
    high = 2


class Page(BaseModel):
    limit: int = Field(100, gt=0, le=100, description="At most this many.")
    offset: int = 0
    order_by: Literal["created", "updated"] = "created"
    tags: list[str] = []


class Client(BaseModel):
    user_agent: str
    x_rate: int | None = Field(None, deprecated=True)
    if_match: str = Field("*", alias="If-Match", examples=["abc"])


class Session(BaseModel):
    sid: str = Field(min_length=3)
    consent: bool = False


# --- whole documents


def test_parameters_of_every_kind_are_documented():
    """18.2.1: path, query, header and cookie parameters with type, title, requiredness and default."""
    app = FastAPI()

    @app.get("/shelves/{shelf_id}/items/{item_id}")
    def read_item(
        shelf_id: int,
        item_id: Annotated[uuid.UUID, Path(title="The item", description="Which item.")],
        needed: str,
        count: int = 10,
        ratio: float = 0.5,
        active: bool = True,
        note: str | None = None,
        words: Annotated[list[str], Query()] = [],  # noqa: B006
        x_token: Annotated[str | None, Header()] = None,
        many_values: Annotated[list[int] | None, Header()] = None,
        session_id: Annotated[str, Cookie()] = "none",
        day: dt.date = dt.date(2026, 11, 22),
        colour: Colour = Colour.red,
        level: Level | None = None,
        mode: Literal["fast", "slow"] = "fast",
    ):
        return None

    assert_document(app, "parameters_of_every_kind")


def test_parameter_options_are_documented():
    """18.2.1: every option of a marker finds its place in parameter or schema."""
    app = FastAPI()

    @app.get("/items/{size}")
    def read_items(
        size: Annotated[float, Path(gt=0, lt=10, multiple_of=0.5)],
        term: Annotated[
            str,
            Query(
                title="Search term",
                description="What to look for.",
                alias="search-term",
                min_length=3,
                max_length=50,
                pattern="^[a-z]+$",
                deprecated=True,
                examples=["shoe", "sock"],
            ),
        ],
        made: Annotated[list[int], Query(default_factory=list)],
        amount: Annotated[int, Query(ge=1, le=5, json_schema_extra={"x-unit": "kg"})] = 1,
        hidden: Annotated[str | None, Query(include_in_schema=False)] = None,
        compiled: Annotated[str, Query(pattern=re.compile(r"\d+"))] = "1",
        chosen: Annotated[
            str,
            Query(
                openapi_examples={
                    "plain": {"summary": "A word", "value": "foo"},
                    "far": {"externalValue": "https://example.com/word", "x-note": 1},
                }
            ),
        ] = "foo",
        x_literal: Annotated[str | None, Header(convert_underscores=False)] = None,
        x_converted: Annotated[str | None, Header()] = None,
        x_named: Annotated[str | None, Header(alias="X_Named-Header")] = None,
        price: Annotated[decimal.Decimal, Query(max_digits=5, decimal_places=2)] = decimal.Decimal("1.50"),
        checked: Annotated[str, Cookie(validation_alias="cookie-name", title="Own title")] = "c",
    ):
        return None

    assert_document(app, "parameter_options")


def test_parameter_models_are_documented_as_single_parameters():
    """18.2.1: each field of a parameter model is a parameter of its own."""
    app = FastAPI()

    @app.get("/items")
    def read_items(
        page: Annotated[Page, Query()],
        client: Annotated[Client, Header()],
        session: Annotated[Session, Cookie()],
    ):
        return None

    assert_document(app, "parameter_models")


def test_parameter_models_are_merged_with_single_parameters():
    """18.2.1: several models and single parameters share a location; duplicates merge, required wins."""
    app = FastAPI()

    class More(BaseModel):
        model_config = ConfigDict(extra="forbid")
        offset: int
        colour: Colour = Colour.red
        needed: str

    def paging(limit: int, offset: int = 5):
        return limit, offset

    @app.get("/items")
    def read_items(
        page: Annotated[Page, Query()],
        more: Annotated[More, Query()],
        extra: bool = False,
        paged: Any = Depends(paging),
    ):
        return None

    assert_document(app, "parameter_models_merged")


def test_optional_parameter_groups_are_documented_as_not_required():
    """18.2.1: the fields of an optional group are never required, unless a sibling requires the name."""
    app = FastAPI()

    class Window(BaseModel):
        start: int
        end: int
        step: int = 1

    @app.get("/free")
    def free(
        window: Annotated[Window | None, Query()] = None, agent: Annotated[Client | None, Header()] = None
    ):
        return None

    @app.get("/bound")
    def bound(start: int, window: Annotated[Window | None, Query()] = None):
        return None

    @app.get("/required")
    def required(window: Annotated[Window | None, Query()]):
        return None

    @app.get("/instance")
    def instance(window: Annotated[Window, Query()] = Window(start=1, end=2)):
        return None

    assert_document(app, "parameter_groups_optional")


def test_parameters_of_dependencies_are_documented():
    """18.2.1: parameters of the whole dependency tree belong to the operation, once each."""
    app = FastAPI()

    def token(x_token: Annotated[str, Header()]):
        return x_token

    def common(q: str | None = None, who: str = Depends(token), limit: int = 10):
        return q

    class Filter:
        def __init__(self, kind: str, q: str | None = None):
            self.kind = kind

    def listed(debug: bool = False): ...

    @app.get("/items/{item_id}", dependencies=[Depends(listed), Depends(common)])
    def read_item(
        request: Request,
        response: Response,
        connection: HTTPConnection,
        item_id: str,
        found: str = Depends(common),
        chosen: Filter = Depends(),
    ):
        return None

    assert_document(app, "parameters_of_dependencies")


def test_parameters_of_router_prefixes_are_documented():
    """18.2.1: path parameters of prefixes are documented where a function declares them."""
    app = FastAPI()
    inner, outer = APIRouter(prefix="/users/{user_id}"), APIRouter(prefix="/{tenant}")

    def tenant_of(tenant: Annotated[str, Path(max_length=10)], region: str = "eu"):
        return tenant

    @inner.get("/files/{name:path}")
    def read(user_id: int, name: str):
        return None

    @inner.get("/undeclared/{nobody}")
    def undeclared():
        return None

    outer.include_router(inner)
    app.include_router(outer, prefix="/v{version:int}", dependencies=[Depends(tenant_of)])
    assert_document(app, "parameters_of_prefixes")


def test_alias_choices_are_documented_by_their_first_choice():
    """18.2.1: one parameter with several names is documented under one; in a path under the bound one."""
    app = FastAPI()

    def chosen(item_id: Annotated[str, Path(validation_alias=AliasChoices("item_id", "id"))]):
        return item_id

    @app.get("/items/{item_id}", dependencies=[Depends(chosen)])
    def new():
        return None

    @app.get("/legacy/{id}", dependencies=[Depends(chosen)])
    def old(q: Annotated[str, Query(validation_alias=AliasChoices("query", "q"))] = ""):
        return None

    assert_document(app, "parameters_alias_choices")
