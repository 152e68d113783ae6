"""Section 23: warnings and deprecations."""

import warnings
from types import SimpleNamespace

import pytest
from surface_target import (
    APIRouter,
    FastAPI,
    FastAPIDeprecationWarning,
    Query,
    TestClient,
    load,
)

_package = load()
MARKERS = ["Query", "Path", "Header", "Cookie", "Body", "Form", "File"]


def test_deprecation_warning_is_a_user_warning():
    """23: FastAPIDeprecationWarning is shown by default, unlike DeprecationWarning."""
    assert issubclass(FastAPIDeprecationWarning, UserWarning)
    assert not issubclass(FastAPIDeprecationWarning, DeprecationWarning)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize(("option", "instead"), [("regex", "pattern"), ("example", "examples")])
@pytest.mark.parametrize("module", ["", "params"])
def test_old_marker_option_warns(marker, option, instead, module):
    """23: regex= and example= of every marker, function and class, name what to use instead."""
    with pytest.warns(FastAPIDeprecationWarning, match=instead):
        getattr(load(module), marker)(**{option: "a"})


@pytest.mark.parametrize("marker", MARKERS)
def test_new_marker_options_do_not_warn(marker):
    """23: pattern= and examples= are silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(_package, marker)(pattern="a", examples=["a"])


def test_warning_points_at_the_caller():
    """23: the warning of an option names the line that used it."""
    with pytest.warns(FastAPIDeprecationWarning) as caught:
        Query(regex="a")
    assert caught[0].filename == __file__


def test_regex_still_works_as_pattern():
    """23: the old spelling validates and is documented as pattern."""
    with pytest.warns(FastAPIDeprecationWarning):
        marker = Query(regex="^a$")
    app = FastAPI()

    @app.get("/")
    def endpoint(q: str = marker):
        return q

    client = TestClient(app)
    assert client.get("/?q=a").json() == "a"
    assert client.get("/?q=b").json()["detail"][0]["type"] == "string_pattern_mismatch"
    (parameter,) = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "string", "pattern": "^a$", "title": "Q"}


@pytest.mark.parametrize("name", ["ORJSONResponse", "UJSONResponse"])
def test_third_party_json_response_warns_when_made(name):
    """23: the classes warn at each instantiation; without the library rendering asserts."""
    responses = load("responses")

    def render():
        return getattr(responses, name)({"a": 1}).body.replace(b" ", b"")

    if getattr(responses, name.removesuffix("JSONResponse").lower() + "json") is None:
        with pytest.warns(FastAPIDeprecationWarning, match=name), pytest.raises(AssertionError):
            render()
    else:
        with pytest.warns(FastAPIDeprecationWarning, match=name):
            assert render() == b'{"a":1}'


@pytest.mark.filterwarnings("ignore:.*JSONResponse is deprecated")
@pytest.mark.parametrize("name", ["orjson", "ujson"])
def test_third_party_library_is_the_one_in_the_module(monkeypatch, name):
    """2.10: what stands in `fastapi.responses` renders, None for one that is not installed."""
    responses = load("responses")
    library = SimpleNamespace(dumps=lambda content, **options: "text" if name == "ujson" else b"text")
    library.OPT_NON_STR_KEYS = library.OPT_SERIALIZE_NUMPY = 0
    response_class = getattr(responses, f"{name.removesuffix('json').upper()}JSONResponse")
    monkeypatch.setattr(responses, name, library)
    assert response_class({"a": 1}).body == b"text"
    monkeypatch.setattr(responses, name, None)
    with pytest.raises(AssertionError, match=f"{name} must be installed"):
        response_class({"a": 1})


@pytest.mark.parametrize("name", ["ORJSONResponse", "UJSONResponse"])
def test_third_party_json_response_is_silent_until_made(name):
    """23: naming the class for routes and apps does not warn."""
    response_class = getattr(load("responses"), name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app = FastAPI(default_response_class=response_class)
        app.get("/", response_class=response_class)(lambda: 1)
        app.openapi()


def test_root_path_of_the_application_warns():
    """23: FastAPI(root_path=...) warns when it is not empty."""
    with pytest.warns(FastAPIDeprecationWarning, match="root_path.* is deprecated.*fastapi run --root-path"):
        FastAPI(root_path="/proxy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FastAPI(root_path="")


def test_operation_id_helpers_warn():
    """23: the unused helpers of openapi.utils and utils still give their result."""
    app = FastAPI()
    app.get("/items/{n}", name="read")(lambda n: n)
    with pytest.warns(FastAPIDeprecationWarning):
        found = load("openapi.utils").generate_operation_id(route=app.routes[-1], method="GET")
    assert found == "read_items__n__get"
    with pytest.warns(FastAPIDeprecationWarning):
        found = load("utils").generate_operation_id_for_path(name="read", path="/items", method="GET")
    assert found == "read_items_get"


@pytest.mark.parametrize("target", [FastAPI, APIRouter])
def test_on_event_warns(target):
    """23: on_event is a DeprecationWarning that names lifespan."""
    with pytest.warns(DeprecationWarning, match="lifespan"):
        target().on_event("startup")


def test_event_lists_and_routes_are_silent():
    """23: on_startup=, on_shutdown= and routes= are deprecated for type checkers only."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FastAPI(on_startup=[], on_shutdown=[], routes=[])
        APIRouter(on_startup=[], on_shutdown=[], routes=[])


def test_duplicate_operation_ids_warn():
    """23: two operations of one id are a UserWarning when the document is built."""
    app = FastAPI()
    app.get("/a", operation_id="same")(lambda: 1)
    app.get("/b", operation_id="same")(lambda: 2)
    with pytest.warns(UserWarning, match="Duplicate Operation ID same"):
        app.openapi()


def test_missing_frontend_directory_warns_when_developing(tmp_path, monkeypatch):
    """23: in development a missing frontend directory is a UserWarning."""
    monkeypatch.setenv("FASTAPI_ENV", "development")
    with pytest.warns(UserWarning, match="does not exist"):
        FastAPI().frontend("/", directory=tmp_path / "none")


def test_ordinary_application_is_silent():
    """23: declaring, documenting and serving an application without old options warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        app = FastAPI()

        @app.get("/{n}")
        def endpoint(n: int, q: str = Query("x", pattern="x")) -> dict[str, int]:
            return {q: n}

        client = TestClient(app)
        assert client.get("/1").json() == {"x": 1}
        assert client.get("/openapi.json").status_code == 200
