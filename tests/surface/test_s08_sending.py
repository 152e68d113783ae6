"""Sections 8.5 to 8.7 of the surface document: response classes, status, headers, cookies, None."""

from contextlib import suppress
from typing import Any

import pytest
from pydantic import BaseModel
from raw_asgi import exchange
from starlette.background import BackgroundTask
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    FastAPIDeprecationWarning,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    TestClient,
    load,
    served_document,
)


class Model(BaseModel):
    """A model."""

    a: int


def app_for(endpoint, **options):
    """Return an application with `endpoint` at GET /x."""
    app = FastAPI()
    app.get("/x", **options)(endpoint)
    return app


def answer(endpoint, **options):
    """Return the response of `endpoint`, redirects not followed."""
    app = app_for(endpoint, **options)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False).get("/x")


def responses_of(endpoint, **options):
    """Return the documented responses of `endpoint`."""
    return served_document(app_for(endpoint, **options))["paths"]["/x"]["get"]["responses"]


# 8.5 classes


class Own(Response):
    """A class with a media type and a rendering of its own."""

    media_type = "x/own"

    def render(self, content):
        """Put angles around the content."""
        return f"<{content}>".encode()


@pytest.mark.parametrize(
    ("response_class", "text", "content_type"),
    [
        (PlainTextResponse, "é", "text/plain; charset=utf-8"),
        (HTMLResponse, "é", "text/html; charset=utf-8"),
        (JSONResponse, '"é"', "application/json"),
        (Own, "<é>", "x/own"),
        (Response, "é", None),
    ],
)
def test_class_renders_and_is_documented(response_class, text, content_type):
    """8.5: the class decides on bytes and media type; without media type no content is documented."""
    response = answer(lambda: "é", response_class=response_class)
    assert (response.text, response.headers.get("content-type")) == (text, content_type)
    documented = responses_of(lambda: "é", response_class=response_class)["200"].get("content")
    media_type = content_type and content_type.partition(";")[0]
    schema = {} if response_class is JSONResponse else {"type": "string"}
    assert documented == ({media_type: {"schema": schema}} if media_type else None)


def test_class_precedence():
    """8.5: route, then router, then include call, then app."""

    def kind(name):
        return type(name, (PlainTextResponse,), {"media_type": f"text/{name}"})

    app, router, plain = FastAPI(default_response_class=kind("app")), APIRouter(), APIRouter()
    own = APIRouter(default_response_class=kind("router"))
    router.get("/route", response_class=kind("route"))(lambda: "")
    plain.get("/x")(lambda: "")
    own.get("/x")(lambda: "")
    app.include_router(router, default_response_class=kind("include"))
    app.include_router(own, prefix="/router", default_response_class=kind("include"))
    app.include_router(plain, prefix="/include", default_response_class=kind("include"))
    app.include_router(plain, prefix="/app")
    client = TestClient(app)
    for path, name in {
        "/route": "route",
        "/router/x": "router",
        "/include/x": "include",
        "/app/x": "app",
    }.items():
        assert client.get(path).headers["content-type"] == f"text/{name}; charset=utf-8"


@pytest.mark.parametrize(("options", "status"), [({}, 307), ({"status_code": 302}, 302)])
def test_redirect_class(options, status):
    """8.5: a returned URL is redirected to; the default status is the class's 307."""
    response = answer(lambda: "/there", response_class=RedirectResponse, **options)
    assert (response.status_code, response.headers["location"], response.content) == (status, "/there", b"")
    documented = responses_of(lambda: "/there", response_class=RedirectResponse, **options)
    assert documented == {str(status): {"description": "Successful Response"}}


def test_redirect_class_from_a_status_injected():
    """8.5 and 8.6: the injected status changes a redirect as well."""

    def endpoint(response: Response):
        response.status_code = 303
        return "/there"

    assert answer(endpoint, response_class=RedirectResponse).status_code == 303


def test_file_class(tmp_path):
    """8.5: a returned path is sent as a file."""
    file = tmp_path / "a.txt"
    file.write_text("content")
    response = answer(lambda: str(file), response_class=FileResponse)
    assert (response.text, response.headers["content-length"]) == ("content", "7")
    named = answer(lambda: FileResponse(file, filename="b.txt"))
    assert named.headers["content-disposition"] == 'attachment; filename="b.txt"'


def test_streaming_response_is_sent():
    """8.2.1 and 8.5: a returned StreamingResponse streams."""

    async def chunks():
        for number in range(3):
            yield str(number)

    response = answer(lambda: StreamingResponse(chunks(), media_type="text/plain"))
    assert (response.text, "content-length" in response.headers) == ("012", False)


@pytest.mark.parametrize("name", ["UJSONResponse", "ORJSONResponse"])
def test_deprecated_json_classes_warn(name):
    """8.5 and 2.10: the two deprecated classes warn when they are made."""
    response_class = getattr(load("responses"), name)
    # the library behind it may be missing, which an assertion says after the warning
    with pytest.warns(FastAPIDeprecationWarning), suppress(AssertionError):
        response_class({"a": 1})


# 8.6 status, headers, cookies


@pytest.mark.parametrize(
    ("route_status", "injected", "expected"),
    [(None, None, 200), (201, None, 201), (None, 202, 202), (201, 202, 202)],
)
def test_status_precedence(route_status, injected, expected):
    """8.6.1: injected status, then the route's, then the class's."""

    def endpoint(response: Response):
        if injected:
            response.status_code = injected
        return "x"

    assert answer(endpoint, status_code=route_status).status_code == expected


def test_injected_headers_and_cookies_are_appended():
    """8.6.2: they follow the response's own, in order, from dependencies and endpoint, duplicates kept."""

    def first(response: Response):
        response.headers["x-first"] = "1"
        response.set_cookie("a", "1")

    async def second(response: Response):
        response.headers.append("x-both", "dependency")

    def endpoint(response: Response, a=Depends(first), b=Depends(second)):
        response.headers.append("x-both", "endpoint")
        response.set_cookie("b", "2", httponly=True)
        return 1

    assert exchange(app_for(endpoint), "GET", "/x").headers == [
        (b"content-length", b"1"),
        (b"content-type", b"application/json"),
        (b"x-first", b"1"),
        (b"set-cookie", b"a=1; Path=/; SameSite=lax"),
        (b"x-both", b"dependency"),
        (b"x-both", b"endpoint"),
        (b"set-cookie", b"b=2; HttpOnly; Path=/; SameSite=lax"),
    ]


@pytest.mark.parametrize("options", [{}, {"response_model": int}, {"response_class": JSONResponse}])
def test_injected_headers_reach_every_kind_of_result(options):
    """8.6.2: with and without model, and with an explicit class."""

    def endpoint(response: Response):
        response.headers["x-y"] = "z"
        response.status_code = 202
        return 1

    response = answer(endpoint, **options)
    assert (response.status_code, response.headers["x-y"], response.json()) == (202, "z", 1)


def test_dependency_may_set_the_status():
    """8.6.2: the status set by a dependency counts; the last one set wins."""

    def dependency(response: Response):
        response.status_code = 207

    def keeps(d=Depends(dependency)):
        return 1

    def changes(response: Response, d=Depends(dependency)):
        response.status_code = 208
        return 1

    assert [answer(keeps).status_code, answer(changes).status_code] == [207, 208]


def test_returned_response_ignores_the_injected_one():
    """8.2.1 and 8.6: nothing of the injected response is merged into a returned one."""

    def endpoint(response: Response):
        response.headers["x-injected"] = "1"
        response.set_cookie("a", "1")
        response.status_code = 202
        return PlainTextResponse("own", 203)

    response = answer(endpoint)
    # quirk: section 24.4, kept: what was injected is lost
    assert (response.status_code, response.text) == (203, "own")
    assert not {"x-injected", "set-cookie"} & set(response.headers)


@pytest.mark.parametrize("where", ["route", "injected"])
@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("value", [None, {"a": 1}])
def test_bodyless_statuses_have_no_body(where, status, value):
    """8.6.3: the body is emptied, its length removed, other headers stay."""

    def endpoint(response: Response):
        response.headers["x-y"] = "z"
        if where == "injected":
            response.status_code = status
        return value

    done = exchange(app_for(endpoint, status_code=status if where == "route" else None), "GET", "/x")
    assert (done.status, done.body) == (status, b"")
    names = [name for name, _ in done.headers]
    assert b"content-length" not in names
    assert b"x-y" in names


@pytest.mark.parametrize("status", [100, 199, 205])
def test_other_bodyless_statuses_have_no_body(status):
    """8.6.3: 1xx and 205 as well."""
    assert exchange(app_for(lambda: {"a": 1}, status_code=status), "GET", "/x").body == b""


def test_status_without_limits_keeps_the_body():
    """8.6.3: other statuses keep it, errors too."""
    for status in (200, 206, 299, 404, 500):
        assert exchange(app_for(lambda: 1, status_code=status), "GET", "/x").body == b"1"


# 8.6 and 12: background tasks


def test_collected_tasks_are_attached_to_a_returned_response():
    """8.2.1: a returned Response without task of its own gets the collected ones."""
    log = []

    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "collected")
        return PlainTextResponse("x")

    answer(endpoint)
    assert log == ["collected"]


def test_task_of_a_returned_response_is_kept():
    """8.2.1: a returned Response with its own task keeps just that."""
    log = []

    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(log.append, "collected")
        return PlainTextResponse("x", background=BackgroundTask(log.append, "own"))

    answer(endpoint)
    assert log == ["own"]


# 8.7 None


@pytest.mark.parametrize(
    "options", [{}, {"response_model": None}, {"response_model": int | None}, {"response_model": Any}]
)
def test_none_is_json_null(options):
    """8.7: returning None gives `null` with 200."""
    done = exchange(app_for(lambda: None, **options), "GET", "/x")
    assert (done.status, done.body) == (200, b"null")


@pytest.mark.parametrize("status", [204, 205, 304])
def test_model_on_a_bodyless_status_is_refused(status):
    """8.7: a response model and a status without body exclude each other at registration."""

    def endpoint() -> Model:
        return Model(a=1)

    with pytest.raises(AssertionError):
        app_for(endpoint, status_code=status)
    app_for(endpoint, status_code=status, response_model=None)


def test_none_annotation_on_204_is_fine():
    """8.7: `-> None` and no annotation are fine."""

    def endpoint() -> None:
        return None

    assert answer(endpoint, status_code=204).status_code == 204
    assert "content" not in responses_of(endpoint, status_code=204)["204"]
