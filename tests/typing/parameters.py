"""Parameters as a user's type checker sees them: markers in `Annotated` and as defaults, dependencies.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Annotated, Any, Literal, assert_type

from pydantic import AliasChoices, BaseModel
from starlette.datastructures import Secret

from rapide import (
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Path,
    Query,
    Rapide,
    Security,
    UploadFile,
    param_functions,
    params,
)

app = Rapide()


class Paging(BaseModel):
    """A group of query parameters."""

    limit: int = 10
    offset: int = 0


class Order(BaseModel):
    """A body."""

    price: Decimal


@app.post("/{number}")
async def annotated(
    number: Annotated[int, Path(ge=1, description="Which one.")],
    paging: Annotated[Paging, Query()],
    order: Annotated[Order, Body(embed=True, media_type="application/json")],
    tags: Annotated[list[str] | None, Query(alias="tag", max_length=3)] = None,
    kind: Annotated[Literal["a", "b"], Query()] = "a",
    agent: Annotated[str | None, Header(convert_underscores=False)] = None,
    session: Annotated[str, Cookie(min_length=10, examples=["0123456789"])] = "",
) -> Decimal:
    """Take everything by `Annotated`."""
    assert_type(number, int)
    assert_type(paging.limit, int)
    assert_type(tags, list[str] | None)
    assert_type(kind, Literal["a", "b"])
    assert_type(agent, str | None)
    assert_type(session, str)
    return order.price


@app.post("/defaults/{number}")
def by_default(
    number: int = Path(),
    order: Order = Body(),
    limit: int = Query(10, gt=0),
    agent: str | None = Header(None),
    session: str = Cookie("", validation_alias=AliasChoices("session", "sid")),
) -> int:
    """Take everything by defaults: a marker stands where any type is wanted."""
    assert_type(order, Order)
    assert_type((agent, session), tuple[str | None, str])
    return number + limit


@app.post("/form")
async def form(
    name: Annotated[str, Form(max_length=100)],
    picture: Annotated[UploadFile, File(description="A picture.")],
    thumbnail: bytes | None = File(None),
) -> int:
    """Take a form."""
    assert_type(await picture.read(10), bytes)
    assert_type(picture.filename, str | None)
    assert_type(picture.size, int | None)
    return len(name) + len(thumbnail or b"")


Query(10, greater=0)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Query(gt="0")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Query(convert_underscores=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Path(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Header(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Form(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Depends(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Depends(form, cache=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Depends(form, scope="app")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Security(form, scopes=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Session:
    """Something that dependencies give."""

    def __init__(self, token: Annotated[str, Header()]) -> None:
        self.token = Secret(token)


async def open_session(token: Annotated[str, Header()]) -> AsyncIterator[Session]:
    """Give a session, and close it."""
    yield Session(token)


Opened = Annotated[Session, Depends(open_session, scope="function", max_concurrency=3)]
Admin = Annotated[Session, Security(open_session, scopes=["admin"])]


@app.get("/session")
def use_session(opened: Opened, admin: Admin, made: Annotated[Session, Depends()]) -> list[str]:
    """Take dependencies."""
    assert_type(opened, Session)
    assert_type(made, Session)
    return [str(opened.token), str(admin.token), str(made.token)]


def inspect_markers() -> None:
    """The classes of the markers, for code that makes or looks at markers."""
    assert_type(params.Query(3, title="Q").in_, params.ParamTypes)
    markers: list[Any] = [params.Path(), params.Header(), params.Cookie()]
    bodies: list[params.Body] = [params.Body(), params.Form(), params.File()]
    assert_type([isinstance(marker, params.Param) for marker in markers], list[bool])
    assert_type([isinstance(marker, params.Body) for marker in bodies], list[bool])
    assert_type(params.Depends(open_session).use_cache, bool)
    assert_type(params.Security(open_session, scopes=["a"]).scopes is None, bool)


def functions_under_fastapis_name(
    path: int = param_functions.Path(),
    query: int = param_functions.Query(),
    header: int = param_functions.Header(),
    cookie: int = param_functions.Cookie(),
    body: int = param_functions.Body(),
    form: int = param_functions.Form(),
    file: bytes = param_functions.File(),
    dependency: int = param_functions.Depends(by_default),
    security: int = param_functions.Security(by_default),
) -> int:
    """The same functions, where FastAPI's users look for them."""
    return path + query + header + cookie + body + form + len(file) + dependency + security
