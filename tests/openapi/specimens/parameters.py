# ruff: noqa: B006, C901, D103, RUF013, UP042 -- users write such things, so they are documented too
"""Applications with parameters outside the body."""

from collections import deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

from pydantic import AliasChoices, AnyUrl, BaseModel, ConfigDict, EmailStr, Field, HttpUrl, Json, SecretStr

from specimens.target import Cookie, Depends, FastAPI, Header, Path, Query, specimen


class Color(str, Enum):
    """The colours of the shop."""

    red = "red"
    green = "green"


class Size(IntEnum):
    small = 1
    large = 2


UserId = NewType("UserId", int)


@specimen
def path_parameters() -> Any:
    app = FastAPI()

    @app.get("/plain/{name}")
    def plain(name):
        """An untyped one."""

    @app.get("/typed/{item_id}/{kind}/{when}")
    def typed(item_id: int, kind: Color, when: datetime):
        pass

    @app.get("/convertor/{number:int}/{rest:path}")
    def convertor(number: int, rest: str):
        pass

    @app.get("/ruled/{n}")
    def ruled(n: Annotated[int, Path(ge=1, le=9, title="The N", description="A digit", examples=[3])]):
        pass

    @app.get("/undeclared/{a}/{b}")
    def undeclared(a: str):
        pass

    @app.get("/aliased/{item-id}")
    def aliased(item_id: Annotated[str, Path(alias="item-id")]):
        pass

    @app.get("/choices/{legacy}")
    def choices(item: Annotated[str, Path(validation_alias=AliasChoices("current", "legacy"))]):
        pass

    @app.get("/literal/{x}/{y}")
    def literal(x: Literal["a", "b"], y: UUID):
        pass

    return app


@specimen
def query_scalars() -> Any:
    app = FastAPI()

    @app.get("/a")
    def everything(
        untyped,
        anything: Any,
        integer: int,
        text: str,
        number: float,
        flag: bool,
        raw: bytes,
        color: Color,
        size: Size,
        day: date,
        moment: datetime,
        clock: time,
        span: timedelta,
        uid: UUID,
        money: Decimal,
        lit: Literal["a", 1],
        new: UserId,
        secret: SecretStr,
        mail: EmailStr,
        url: HttpUrl,
        js: Json,
        obj: object,
        nothing: None,
    ):
        pass

    @app.get("/b")
    def defaults(
        untyped="x",
        integer: int = 3,
        text: str | None = None,
        number: float = 1.5,
        flag: bool = False,
        color: Color = Color.red,
        maybe: Color | None = Color.green,
        day: date = date(2020, 1, 2),
        span: timedelta = timedelta(hours=1),
        money: Decimal = Decimal("1.50"),
        either: int | str = "x",
        none_default: int = None,  # type: ignore[assignment]
        uid: UUID = UUID(int=3),
        secret: SecretStr = SecretStr("hunter2"),
        url: AnyUrl = AnyUrl("http://example.com"),
        inf: float = float("inf"),
        size: Size = Size.large,
        raw: bytes = b"abc",
        obj: Any = object,
    ):
        pass

    return app


@specimen
def query_rules() -> Any:
    app = FastAPI()

    @app.get("/a")
    def rules(
        a: Annotated[int, Query(gt=1, lt=9)],
        b: Annotated[float, Query(ge=1, le=9, multiple_of=0.5)],
        c: Annotated[str, Query(min_length=2, max_length=5, pattern="^a")],
        n: Annotated[str, Query(default_factory=lambda: "made")],
        d: Annotated[str | None, Query(max_length=5)] = None,
        e: Annotated[list[str] | None, Query(min_length=1)] = None,
        f: Annotated[int | None, Query(gt=0, title="The F", description="Eff", deprecated=True)] = 3,
        g: Annotated[str, Query(examples=["x", "y"])] = "x",
        h: Annotated[str, Query(json_schema_extra={"x-thing": 1, "format": "odd"})] = "x",
        i: Annotated[Decimal, Query(max_digits=5, decimal_places=2)] = Decimal(1),
        j: Annotated[str, Query(include_in_schema=False)] = "x",
        k: Annotated[str, Query(alias="kay-kay")] = "x",
        l: Annotated[str, Query(alias="a1", validation_alias="v1", serialization_alias="s1")] = "x",  # noqa: E741
        m: Annotated[str, Query(validation_alias=AliasChoices("m1", "m2"))] = "x",
        o: Annotated[int, Query(strict=True)] = 1,
        p: str = Query("dflt", description="by default value"),
        q: Annotated[str, Field(max_length=3, description="a plain Field")] = "x",
        r: Annotated[int, Query(gt=3), Query(lt=9)] = 4,
        s: Annotated[
            str, Query(openapi_examples={"one": {"summary": "One", "value": "1"}, "two": {"value": "2"}})
        ] = "x",
        t: Annotated[list[int], Query()] = [1, 2],
        u: Annotated[Color, Query(description="which")] = Color.red,
        v: Annotated[str, Query(deprecated="use w")] = "x",
        w: Annotated[float, Query(allow_inf_nan=False)] = 1.0,
    ):
        pass

    return app


def _change(schema: dict[str, Any]) -> None:
    schema["x-changed"] = True
    schema.pop("title", None)


@specimen
def query_schema_callables() -> Any:
    app = FastAPI()

    @app.get("/a")
    def rules(
        a: Annotated[int, Query(json_schema_extra=_change)],
        b: Annotated[int, Query(default_factory=lambda: 3)],
        c: Annotated[int | None, Query(json_schema_extra={"nullable": True, "title": "Own"})] = None,
        d: Annotated[Color, Query(json_schema_extra={"x-a": None})] = Color.red,
        e: Annotated[Color, Query(title="The colour")] = Color.red,
        f: Annotated[Color | None, Query(title="The colour")] = None,
        g: Annotated[str, Query(title="")] = "",
        h: Annotated[str, Query(description="")] = "",
    ):
        pass

    return app


@specimen
def query_sequences() -> Any:
    app = FastAPI()

    @app.get("/a")
    def sequences(
        a: Annotated[list[int], Query()],
        b: Annotated[list, Query()],
        c: Annotated[set[str], Query()],
        d: Annotated[tuple[int, ...], Query()],
        e: Annotated[tuple[int, str], Query()],
        f: Annotated[frozenset[Color], Query()],
        g: Annotated[deque[int], Query()],
        h: Annotated[list[int] | None, Query()] = None,
        i: Annotated[list[str], Query(alias="i[]")] = [],
        j: Annotated[Json[list[str]], Query()] = "[]",  # type: ignore[assignment]
        k: Annotated[list[Annotated[str, Field(min_length=2)]], Query(max_length=3)] = ["ab"],
        m: Annotated[list[str] | str, Query()] = "a",
        n: Annotated[list[Literal["a", "b"]], Query()] = ["a"],
    ):
        pass

    return app


@specimen
def headers_and_cookies() -> Any:
    app = FastAPI()

    @app.get("/a")
    def both(
        user_agent: Annotated[str, Header()],
        x_token: Annotated[list[str] | None, Header()] = None,
        under_score: Annotated[str | None, Header(convert_underscores=False)] = None,
        aliased: Annotated[str | None, Header(alias="X_Own_Name")] = None,
        session: Annotated[str | None, Cookie(description="the session")] = None,
        other: Annotated[str, Cookie(alias="o-ther")] = "x",
        hidden: Annotated[str | None, Header(include_in_schema=False)] = None,
        x_choice: Annotated[str | None, Header(validation_alias=AliasChoices("X-One", "X-Two"))] = None,
        q: str = "y",
        Content_Type: Annotated[str, Header()] = "x",  # noqa: N803
    ):
        pass

    return app


@specimen
def parameter_examples() -> Any:
    app = FastAPI()

    @app.get("/a/{p}")
    def examples(
        p: Annotated[
            str,
            Path(
                openapi_examples={
                    "one": {"summary": "S", "description": "D", "value": "v", "x-extra": 1},
                    "two": {"externalValue": "http://example.com/x"},
                    "three": {"value": None},
                }
            ),
        ],
        q: Annotated[int, Query(examples=[1, 2], openapi_examples={"a": {"value": 3}})] = 1,
        h: Annotated[str, Header(openapi_examples={})] = "x",
        c: Annotated[
            date, Cookie(examples=[date(2020, 1, 1)], openapi_examples={"d": {"value": date(2020, 1, 1)}})
        ] = date(2020, 1, 1),
    ):
        pass

    return app


class Filter(BaseModel):
    """How to filter."""

    limit: int = Field(10, gt=0, le=100, description="most results")
    offset: int = 0
    order_by: Literal["a", "b"] = "a"
    tags: list[str] = []
    needed: str
    color: Color | None = None
    aliased: str = Field("x", alias="aliasedName")
    titled: str = Field("x", title="Own title", examples=["e"], deprecated=True)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user_agent: str
    x_thing: int = 3


class Everything(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)
    first: str = Field(validation_alias=AliasChoices("first", "erst"))
    second: str = Field("x", validation_alias="zweit", serialization_alias="deuxieme")


@specimen
def parameter_models() -> Any:
    app = FastAPI()

    @app.get("/query")
    def query(f: Annotated[Filter, Query()]):
        pass

    @app.get("/mixed")
    def mixed(
        f: Annotated[Filter, Query()],
        extra: int,
        e: Annotated[Everything, Query()],
        h: Annotated[Strict, Header()],
    ):
        pass

    @app.get("/cookie")
    def cookie(f: Annotated[Strict, Cookie()]):
        pass

    @app.get("/optional")
    def optional(f: Annotated[Filter | None, Query()] = None, g: Annotated[Strict | None, Header()] = None):
        pass

    @app.get("/optional-required")
    def optional_required(f: Annotated[Filter | None, Query()]):
        pass

    @app.get("/optional-and-required")
    def optional_and_required(needed: str, f: Annotated[Filter | None, Query()] = None):
        pass

    @app.get("/default")
    def default(f: Annotated[Filter, Query()] = Filter(needed="x")):
        pass

    @app.get("/header-plain")
    def header_plain(h: Annotated[Strict, Header(convert_underscores=False)]):
        pass

    @app.get("/factory")
    def factory(f: Annotated[Filter, Query(default_factory=lambda: Filter(needed="x"))]):
        pass

    @app.get("/hidden")
    def hidden(f: Annotated[Filter, Query(include_in_schema=False)]):
        pass

    @app.get("/described")
    def described(
        f: Annotated[Strict, Query(description="d", deprecated=True, examples=[{"user_agent": "x"}])],
    ):
        pass

    return app


def common(q: str | None = None, skip: int = 0, limit: int = 100):
    pass


def needs_q(
    q: str, x_token: Annotated[str, Header()], limit: Annotated[int, Query(description="second")] = 0
):
    pass


class Pager:
    def __init__(self, page: int = 1, commons: Any = Depends(common)):
        pass


@specimen
def dependency_parameters() -> Any:
    app = FastAPI(dependencies=[Depends(needs_q)])

    @app.get("/a/{skip}")
    def a(skip: int, pager: Annotated[Pager, Depends()], again: Annotated[Any, Depends(common)]):
        pass

    @app.get("/b", dependencies=[Depends(common)])
    def b(q: str | None = None, Q: str = "other"):  # noqa: N803
        pass

    @app.get("/c")
    def c(x: Annotated[str, Query(alias="same")], y: Annotated[int, Query(alias="same")] = 3):
        pass

    @app.get("/d")
    def d(x: Annotated[str, Query(alias="same")] = "a", y: Annotated[int, Header(alias="same")] = 3):
        pass

    return app


class Outer(BaseModel):
    model_config = ConfigDict(json_schema_extra={"x-model": True}, title="Outer title")
    a: int
    sub: str = Field("x", json_schema_extra={"x-f": 1})


@specimen
def parameter_model_details() -> Any:
    app = FastAPI()

    class Factory(BaseModel):
        made: list[str] = Field(default_factory=list)
        number: int = Field(default_factory=lambda: 7)
        when: date = date(2020, 1, 1)
        ann: Annotated[int, Field(ge=3)] = 5
        x_under: Annotated[str, Header(convert_underscores=False)] = "x"
        private_hidden: Annotated[str, Query(include_in_schema=False)] = "x"
        exa: Annotated[str, Query(openapi_examples={"a": {"value": "1"}})] = "y"
        y_under: str = Header("x", convert_underscores=False, openapi_examples={"a": {"value": "1"}})
        also_hidden: str = Query("x", include_in_schema=False)

    @app.get("/a")
    def a(f: Annotated[Factory, Query()], o: Annotated[Outer, Query(title="T")]):
        pass

    @app.get("/b")
    def b(f: Annotated[Factory, Header()]):
        pass

    class Inherit(Factory):
        model_config = ConfigDict(alias_generator=lambda name: name.upper())
        extra_one: str

    @app.get("/c")
    def c(f: Annotated[Inherit, Query()], g: Annotated[Inherit, Header()]):
        pass

    return app
