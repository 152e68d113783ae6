"""Wrong declarations fail at import: with a code, a place, the parameter and what to write instead."""

import functools
import inspect
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from rapide import APIRouter, Body, Depends, Form, Path, Query, Rapide
from rapide.auth import (
    Client,
    CSRFPolicy,
    Key,
    Keys,
    MemoryStore,
    Passwords,
    RemoteKeys,
    Sessions,
    SessionUser,
    Tokens,
    any_of,
    requires,
)
from rapide.auth.users import Users, users_router
from rapide.checks import check_app
from rapide.concurrency import limit_threads
from rapide.errors import (
    CODES,
    AccessError,
    AuthDeclarationError,
    DeclarationError,
    DefaultsError,
    DependencyScopeError,
    FastAPIError,
    FrontendError,
    InvalidValueError,
    MarkerError,
    RouteError,
    RouterError,
    UnresolvedAnnotationError,
    UnsupportedTypeError,
    explain_code,
    locate,
)
from rapide.security import APIKeyHeader, APIKeyQuery

_SOURCE = FilePath(__file__).parent.parent / "src" / "rapide"


class Model(BaseModel):
    name: str


class NotData:
    """A class that Pydantic cannot handle."""


def _declare(endpoint: Callable[..., Any], path: str = "/x", **options: Any) -> None:
    Rapide().add_api_route(path, endpoint, **options)


# ------------------------------------------------------------------------------- one mistake for each code


def _mistake_rap101() -> None:
    def read(name: Annotated[int, Query(default=3)]) -> None: ...

    _declare(read)


def _mistake_rap102() -> None:
    def read(name: Annotated[int, Query()] = Query(3)) -> None: ...

    _declare(read)


def _mistake_rap103() -> None:
    def read(name: Annotated[int, Path()] = 3) -> None: ...

    _declare(read, "/x/{name}")


def _mistake_rap104() -> None:
    def read(name: Annotated[int, Query()]) -> None: ...

    _declare(read, "/x/{name}")


def _mistake_rap105() -> None:
    def read(name: list[int]) -> None: ...

    _declare(read, "/x/{name}")


def _mistake_rap106() -> None:
    def read(name: Annotated[dict[str, int], Query()]) -> None: ...

    _declare(read)


def _mistake_rap107() -> None:
    def read(name: int = Field(3)) -> None: ...

    _declare(read)


def _mistake_rap108() -> None:
    def read(name: Annotated[Request, Query()]) -> None: ...

    _declare(read)


def _mistake_rap109() -> None:
    def read(name: Annotated[NotData, Body()]) -> None: ...

    _declare(read)


def _mistake_rap110() -> None:
    def read(name: "Missing") -> None: ...  # type: ignore[name-defined]  # noqa: F821

    _declare(read)
    # A name may be defined further down in the module, so it counts as missing when the route is needed.
    app = Rapide()
    app.get("/x")(read)
    app.prepare()


def _mistake_rap111() -> None:
    def read(name=Depends()) -> None: ...

    _declare(read)


def _mistake_rap112() -> None:
    def needs_itself(inner=None) -> None: ...

    inner = inspect.Parameter("inner", inspect.Parameter.KEYWORD_ONLY, default=Depends(needs_itself))
    needs_itself.__signature__ = inspect.Signature([inner])
    _declare(needs_itself, dependencies=[Depends(needs_itself)])


def _mistake_rap113() -> None:
    def short():
        yield 1

    def long(name: Annotated[int, Depends(short, scope="function")]):
        yield name

    _declare(lambda: None, dependencies=[Depends(long, scope="request")])


def _mistake_rap114() -> None:
    def read(name: Annotated[str, Form()]) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        for name in ("python_multipart", "multipart", "multipart.multipart"):
            patch.setitem(sys.modules, name, None)  # an import finds None, and fails
        _declare(read)


def _mistake_rap115() -> None:
    def read(name: int, /) -> None: ...

    _declare(read)


def _mistake_rap116() -> None:
    def read(name: Annotated[int, Path()]) -> None: ...

    _declare(read)


def _mistake_rap117() -> None:
    async def serve(name: Request) -> None: ...

    Rapide().websocket("/x")(serve)


def _mistake_rap118() -> None:
    def read(name: Annotated[int, Query(default_factory=int)] = 3) -> None: ...

    _declare(read)


def _mistake_rap201() -> None:
    _declare("not a function")  # type: ignore[arg-type]


def _mistake_rap202() -> None:
    _declare(lambda: None, responses={404: "not a dict"})


def _mistake_rap203() -> None:
    _declare(lambda: None, status_code=204, response_model=Model)


def _mistake_rap204() -> None:
    Rapide().frontend("ui", directory=".")


def _mistake_rap206() -> None:
    _declare(lambda: None, max_body_size=-1)


def _mistake_rap210() -> None:
    Rapide(allowed_hosts=["https://example.com"])


def _mistake_rap211() -> None:
    Rapide(public_url="example.com/api")


def _mistake_rap212() -> None:
    _declare(lambda: None, timeout=0)


def _mistake_rap213() -> None:
    limit_threads(files=0)


def _mistake_rap207() -> None:
    _declare(lambda name: None, "/x/{name:colour}")


def _mistake_rap208() -> None:
    _declare(lambda name: None, "/x/{name}/{name}")


def _mistake_rap209() -> None:
    Depends(len, max_concurrency=0)


def _mistake_rap301() -> None:
    APIRouter(prefix="x")


def _mistake_rap302() -> None:
    APIRouter(prefix="/x/")


def _mistake_rap303() -> None:
    router = APIRouter()
    router.include_router(router)


def _mistake_rap304() -> None:
    router = APIRouter()
    router.get("")(lambda: None)
    Rapide().include_router(router)


def _mistake_rap305() -> None:
    Rapide().frontend("/ui", directory=".", fallback="500.html")  # type: ignore[arg-type]


def _mistake_rap306() -> None:
    Rapide().frontend("/ui", directory="no such directory", check_dir=True)


def _mistake_rap307() -> None:
    Rapide().frontend("/ui", directory=str(FilePath(__file__).parent / "oracle"), fallback="index.html")


def _mistake_rap501() -> None:
    Passwords(memory_kib=1_024)


def _mistake_rap502() -> None:
    Tokens("changeme", issuer="https://api.example.com", audience="shop")


def _mistake_rap503() -> None:
    Keys("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----")


def _mistake_rap504() -> None:
    Tokens(Keys(Key.generate()), issuer="https://api.example.com", audience="")


def _mistake_rap505() -> None:
    Tokens(Keys(Key.generate()), issuer="https://a", audience="b", leeway=timedelta(minutes=5))


def _mistake_rap506() -> None:
    RemoteKeys("http://id.example.com/jwks.json")


def _mistake_rap507() -> None:
    Client(redirect_uris=("https://*.example.com/",))


def _mistake_rap508() -> None:
    Client(redirect_uris=("https://app.example.com/",), secret_hashes=("the secret itself",))


def _mistake_rap601() -> None:
    Rapide(auth="admin")  # type: ignore[arg-type]


def _mistake_rap602() -> None:
    def may_buy(article: dict[str, str]) -> bool:
        return True

    _declare(lambda: None, auth=may_buy)


def _mistake_rap603() -> None:
    def current_user():  # type: ignore[no-untyped-def]
        return None

    _declare(lambda: None, auth=current_user)


def _mistake_rap604() -> None:
    def current_user() -> Model: ...

    requires(current_user, roles="staff")


def _mistake_rap605() -> None:
    def always() -> Model: ...

    any_of(always)


def _mistake_rap606() -> None:
    Sessions(MemoryStore(), idle=timedelta(days=30), absolute=timedelta(days=1))


def _mistake_rap607() -> None:
    CSRFPolicy(trusted_origins=["app.example.com"])


def _mistake_rap608() -> None:
    async def nothing(_: Any) -> None: ...

    users: Any = Users({}, codes=MemoryStore(), send=nothing, caller=SessionUser(), revoke=nothing)
    users_router(users, without=["login"])


# (code, the class of its error, the parameter it names)
RAISED: dict[str, tuple[type[DeclarationError], str | None]] = {
    "RAP101": (MarkerError, "name"),
    "RAP102": (MarkerError, "name"),
    "RAP103": (MarkerError, "name"),
    "RAP104": (MarkerError, "name"),
    "RAP105": (MarkerError, "name"),
    "RAP106": (MarkerError, "name"),
    "RAP107": (MarkerError, "name"),
    "RAP108": (MarkerError, "name"),
    "RAP109": (UnsupportedTypeError, "name"),
    "RAP110": (UnresolvedAnnotationError, "name"),
    "RAP111": (MarkerError, "name"),
    "RAP112": (DeclarationError, None),
    "RAP113": (DependencyScopeError, "name"),
    "RAP114": (DeclarationError, "name"),
    "RAP115": (MarkerError, "name"),
    "RAP116": (MarkerError, "name"),
    "RAP117": (MarkerError, "name"),
    "RAP118": (DefaultsError, "name"),
    "RAP201": (RouteError, None),
    "RAP202": (RouteError, None),
    "RAP203": (RouteError, None),
    "RAP204": (RouterError, None),
    "RAP206": (InvalidValueError, None),
    "RAP207": (RouteError, None),
    "RAP208": (InvalidValueError, None),
    "RAP209": (InvalidValueError, None),
    "RAP210": (InvalidValueError, None),
    "RAP211": (InvalidValueError, None),
    "RAP212": (InvalidValueError, None),
    "RAP213": (InvalidValueError, None),
    "RAP301": (RouterError, None),
    "RAP302": (RouterError, None),
    "RAP303": (RouterError, None),
    "RAP304": (RouterError, None),
    "RAP305": (RouterError, None),
    "RAP306": (FrontendError, None),
    "RAP307": (FrontendError, None),
    "RAP501": (AuthDeclarationError, None),
    "RAP502": (AuthDeclarationError, None),
    "RAP503": (AuthDeclarationError, None),
    "RAP504": (AuthDeclarationError, "audience"),
    "RAP505": (AuthDeclarationError, None),
    "RAP506": (AuthDeclarationError, None),
    "RAP507": (AuthDeclarationError, None),
    "RAP508": (AuthDeclarationError, None),
    "RAP601": (AccessError, None),
    "RAP602": (AccessError, None),
    "RAP603": (AccessError, None),
    "RAP604": (AccessError, None),
    "RAP605": (AccessError, None),
    "RAP606": (AccessError, None),
    "RAP607": (AccessError, None),
    "RAP608": (AccessError, None),
}

# Codes of findings, which `app.check()` reports without raising.
FOUND = {"RAP205", "RAP401", "RAP402", "RAP403", "RAP404"}


def _raised(code: str) -> tuple[DeclarationError, Callable[[], None]]:
    mistake = globals()[f"_mistake_{code.lower()}"]
    with pytest.raises(DeclarationError) as caught:
        mistake()
    return caught.value, mistake


def test_every_code_belongs_to_a_mistake_that_somebody_can_make() -> None:
    """No code is there for nothing: each is raised, or found by a check, in these tests."""
    assert {*RAISED, *FOUND} == set(CODES)


def test_every_code_in_the_source_is_explained() -> None:
    """What the framework raises can be looked up."""
    used = {
        code for path in _SOURCE.rglob("*.py") for code in re.findall(r"RAP\d{3}", path.read_text("utf-8"))
    }
    assert used == set(CODES)


@pytest.mark.parametrize("code", RAISED)
def test_mistake_is_refused_with_its_code_and_class(code: str) -> None:
    """The class says what kind of mistake it is, and is FastAPI's error too."""
    error, _ = _raised(code)
    assert error.code == code
    assert type(error) is RAISED[code][0]
    assert isinstance(error, FastAPIError)


@pytest.mark.parametrize("code", RAISED)
def test_error_names_file_and_line_of_the_mistake(code: str) -> None:
    """The place is where the user's function is defined, or where the user's code called the framework."""
    error, mistake = _raised(code)
    lines, first = inspect.getsourcelines(mistake)
    helper_lines, helper_first = inspect.getsourcelines(_declare)
    assert error.file == __file__
    assert error.line is not None
    in_mistake = first <= error.line < first + len(lines)
    in_helper = helper_first <= error.line < helper_first + len(helper_lines)
    assert in_mistake or in_helper


@pytest.mark.parametrize("code", RAISED)
def test_error_text_says_where_and_what_to_do(code: str) -> None:
    """The text has message, place, parameter, remedy and code, each on its line."""
    error, _ = _raised(code)
    parameter = RAISED[code][1]
    lines = str(error).splitlines()
    assert error.parameter == parameter
    assert any(line.startswith(f'  File "{error.file}", line {error.line}') for line in lines)
    assert (f"  Parameter: {parameter}" in lines) == (parameter is not None)
    assert f"  What to do: {CODES[code].remedy}" in lines
    assert lines[-1] == f"  Code: {code} (rapide explain-error {code})"


@pytest.mark.parametrize(
    ("code", "base"),
    [
        ("RAP101", AssertionError),
        ("RAP110", NameError),
        ("RAP201", AssertionError),
        ("RAP206", ValueError),
        ("RAP207", AssertionError),
        ("RAP208", ValueError),
        ("RAP209", ValueError),
        ("RAP301", AssertionError),
        ("RAP113", RuntimeError),
    ],
)
def test_error_is_what_fastapi_raises_too(code: str, base: type[Exception]) -> None:
    """Code that expects FastAPI's or Starlette's class of error catches ours."""
    error, _ = _raised(code)
    assert isinstance(error, base)


def test_unresolved_annotation_names_module_function_and_name() -> None:
    """An annotation that stands for nothing is named with everything that leads to it."""
    error, _ = _raised("RAP110")
    assert "'Missing'" in error.message
    assert "'name'" in error.message
    assert f"{__name__}._mistake_rap110.<locals>.read" in error.message


def test_same_operation_id_is_found() -> None:
    """RAP205: two operations with one id are reported with the place of the second one."""
    app = Rapide()

    def read() -> None: ...

    app.get("/a", operation_id="same")(read)
    app.get("/b", operation_id="same")(read)
    (problem,) = check_app(app)
    assert problem.code == "RAP205"
    assert problem.location == f"{__file__}:{inspect.getsourcelines(read)[1]}"


def test_unreachable_route_is_found() -> None:
    """RAP401: a route behind one that takes all its requests is reported."""
    app = Rapide()

    def read(name: str) -> None: ...

    app.get("/a/{name}")(lambda name: None)
    app.get("/a/{name}", name="second")(read)
    problems = [problem for problem in check_app(app) if problem.code == "RAP401"]
    (problem,) = problems
    assert problem.location == f"{__file__}:{inspect.getsourcelines(read)[1]}"
    assert problem.severity == "warning"


def test_pattern_of_a_backtracking_engine_is_found() -> None:
    """RAP402: a model of a body that matches patterns with Python's engine is reported."""

    class Slow(BaseModel):
        model_config = ConfigDict(regex_engine="python-re")
        name: Annotated[str, Field(pattern=r"^(a+)+$")]

    app = Rapide()

    def take(value: list[Slow]) -> None: ...

    app.post("/a")(take)
    (problem,) = check_app(app)
    assert (problem.code, problem.severity) == ("RAP402", "warning")
    assert problem.location == f"{__file__}:{inspect.getsourcelines(take)[1]}"


def test_path_that_backtracks_is_found() -> None:
    """RAP404: two parameters that both reach over slashes are reported."""
    app = Rapide()

    def copy_file(source: str, target: str) -> None: ...

    app.get("/copy/{source:path}/to/{target:path}")(copy_file)
    (problem,) = check_app(app)
    assert (problem.code, problem.severity) == ("RAP404", "warning")
    assert problem.location == f"{__file__}:{inspect.getsourcelines(copy_file)[1]}"


def test_explain_code_tells_summary_and_remedy() -> None:
    """The long text has code, summary and remedy."""
    text = explain_code("RAP101")
    assert text.startswith("RAP101: A marker inside `Annotated` carries a default value.")
    assert "What to do: Move the default behind the parameter" in text


def test_explain_code_refuses_an_unknown_code() -> None:
    """There is no text for what does not exist."""
    with pytest.raises(KeyError):
        explain_code("RAP999")


def _function() -> None: ...


class _Owner:
    def method(self) -> None: ...

    def __call__(self) -> None: ...


@functools.wraps(_function)
def _wrapped(*args: Any) -> None: ...


@pytest.mark.parametrize(
    ("target", "source"),
    [
        (_function, _function),
        (functools.partial(functools.partial(_function)), _function),
        (_wrapped, _function),
        (_Owner().method, _Owner.method),
        (_Owner, _Owner),
    ],
    ids=["function", "partial", "wrapped", "method", "class"],
)
def test_locate_finds_the_definition(target: Any, source: Any) -> None:
    """Partials, wrappers and bound methods lead to the definition that a person wrote."""
    assert locate(target) == (__file__, inspect.getsourcelines(source)[1])


@pytest.mark.parametrize("target", [len, None, 3], ids=["builtin", "none", "not callable"])
def test_locate_knows_no_place_of_what_has_no_source(target: Any) -> None:
    """What Python knows no source of has no place."""
    assert locate(target) == (None, None)


def test_error_about_a_builtin_names_the_calling_line() -> None:
    """Where the function has no source, the place is the line that declared it."""
    with pytest.raises(DeclarationError) as caught:
        _declare(len, responses={404: "not a dict"})
    assert caught.value.file == __file__


@pytest.mark.row("AUT-09")
def test_key_in_the_query_is_found() -> None:
    """RAP403: an API key that stands in addresses is reported; one in a header is not."""
    app = Rapide()
    inside, in_query = APIKeyHeader(name="X-API-Key"), APIKeyQuery(name="key")

    def caller(key: str = Depends(in_query)) -> str:
        return key

    app.get("/query")(_endpoint_of(caller))
    app.get("/header")(_endpoint_of(inside))
    [problem] = check_app(app)
    assert (problem.code, problem.severity) == ("RAP403", "warning")
    assert "/query" in problem.message


def _endpoint_of(dependency: Callable[..., Any]) -> Callable[..., Any]:
    def read(key: str = Depends(dependency)) -> str:
        return key

    return read
