"""Limits of bodies where they meet: routes, applications, mounts, Starlette's own, middleware."""

import json
from dataclasses import replace
from types import SimpleNamespace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route

from rapide import RAPIDE, APIRouter, Depends, Form, HTTPException, Rapide, Request
from rapide._run import forms
from rapide._run.body import ContentTooLargeError
from rapide.fastapi import APIRouter as FastAPIRouter
from rapide.fastapi import FastAPI
from rapide.routing import APIRoute
from rapide.routing.body_limit import excess_in


def ask(app, path, *chunks, method="POST", length=None, **headers):
    """Send `chunks` as the body; `length` is the Content-Length, None for none. Return what came back."""
    sent, waiting = [], list(chunks)
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    if length is not None:
        raw.append((b"content-length", str(length).encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "root_path": "",
        "headers": raw,
        "server": ("testserver", 80),
    }
    received = 0

    async def receive():
        nonlocal received
        received += 1
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    anyio.run(app, scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return SimpleNamespace(status=sent[0]["status"], headers=answer, body=body, received=received)


async def size(request: Request):
    """Answer with the number of bytes received."""
    return len(await request.body())


async def raw_size(request):
    """Do the same as a raw endpoint of Starlette."""
    return PlainTextResponse(str(len(await request.body())))


def largest(app, path, *, announced, **headers):
    """Return the largest body that a path takes, sent with or without Content-Length."""

    def status(number):
        return ask(app, path, b"1" * number, length=number if announced else None, **headers).status

    return max((number for number in (2, 5, 10, 20, 50, 100) if status(number) == 200), default=0)


def problem(answer):
    """Return the status and title of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status, json.loads(answer.body)["title"]


TOO_LARGE = {
    (413, "Content Too Large"),
    (413, "Request Entity Too Large"),
}  # the phrase depends on the Python


# --- routes


@pytest.mark.parametrize("length", [None, 6, 10**30])
@pytest.mark.parametrize("level", ["app", "route"])
def test_excess_is_a_problem_document(level, length):
    """Announced or not, on the native face every 413 is RFC 9457's."""
    app = Rapide(**({"max_body_size": 5} if level == "app" else {}))
    app.post("/", **({"max_body_size": 5} if level == "route" else {}))(size)
    assert problem(ask(app, "/", b"123456", length=length)) in TOO_LARGE
    assert ask(app, "/", b"12345", length=5).body == b"5"


def test_nothing_runs_for_a_body_that_is_announced_as_too_large():
    """Neither dependencies nor endpoint, and not one byte is asked for."""
    called = []
    app = Rapide(dependencies=[Depends(lambda: called.append("dependency"))])

    @app.post("/", max_body_size=5)
    def endpoint():
        called.append("endpoint")

    answer = ask(app, "/", b"123456", length=6)
    assert (answer.status, answer.received, called) == (413, 0, [])


def test_refusal_passes_the_middleware():
    """A browser may read why its upload was refused: the CORS headers are on the 413."""
    app = Rapide(max_body_size=5)
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.post("/")(size)
    for length in (None, 6):
        answer = ask(app, "/", b"123456", length=length, origin="https://a.example")
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (413, "*")


def test_handler_of_the_application_answers_the_excess():
    """An exception handler for 413 is asked on the native face, for announced bodies too."""
    app = Rapide(max_body_size=5)
    app.post("/")(size)
    app.add_exception_handler(413, lambda request, exc: PlainTextResponse("mine", 413))
    assert [ask(app, "/", b"123456", length=length).body for length in (None, 6)] == [b"mine", b"mine"]


def test_limit_holds_for_what_a_dependency_reads():
    """The first reader meets the limit, whoever it is."""

    async def read(request: Request):
        return await request.body()

    app = Rapide()

    @app.post("/", max_body_size=5)
    def endpoint(body: bytes = Depends(read)):
        return len(body)

    assert ask(app, "/", b"12345").body == b"5"
    assert ask(app, "/", b"123", b"456").status == 413


def test_default_limit_holds_for_a_body_that_was_read_before():
    """A dependency that read the body first does not lift the default limit of JSON."""

    async def read(request: Request):
        await request.body()

    app = Rapide(behaviour=replace(RAPIDE, max_json_size=5), dependencies=[Depends(read)])

    @app.post("/")
    def endpoint(value: int):
        return value

    @app.post("/body")
    def body(values: list[int]):
        return values

    assert ask(app, "/body", b"[1,2]", content_type="application/json").status == 200
    assert ask(app, "/body", b"[1,2,3]", content_type="application/json").status == 413


def test_declared_limit_replaces_the_default_ones():
    """Whoever says how much is right may say more than the defaults."""
    app = Rapide(behaviour=replace(RAPIDE, max_json_size=5, max_form_size=5))

    @app.post("/json", max_body_size=20)
    def json_body(values: list[int]):
        return values

    @app.post("/form", max_body_size=20)
    def form(value: str = Form()):
        return value

    urlencoded = "application/x-www-form-urlencoded"
    for path, body, media_type in (
        ("/json", b"[1,2,3]", "application/json"),
        ("/form", b"value=123", urlencoded),
    ):
        assert ask(app, path, body, content_type=media_type).status == 200
        assert ask(app, path, body + b" " * 20, content_type=media_type).status == 413


def test_custom_route_class_is_limited():
    """A handler of the user's own making receives no more than others."""

    class Timed(APIRoute):
        def get_route_handler(self):
            inner = super().get_route_handler()

            async def timed(request):
                response = await inner(request)
                response.headers["x-timed"] = "1"
                return response

            return timed

    router = APIRouter(route_class=Timed)
    router.post("/", max_body_size=5)(size)
    app = Rapide()
    app.include_router(router)
    assert ask(app, "/", b"12345").headers["x-timed"] == "1"
    assert ask(app, "/", b"123456").status == 413
    assert ask(app, "/", b"123456", length=6).received == 0


def test_response_that_began_is_broken_off_not_answered_twice():
    """An echo that has sent its start meets the limit with an exception, as any failure in a stream."""
    app = Rapide()

    @app.post("/", max_body_size=5)
    async def echo(request: Request):
        return StreamingResponse(request.stream())

    with pytest.raises(RuntimeError, match="already started"):
        ask(app, "/", b"1234", b"5678")


@pytest.mark.parametrize("face", [FastAPI, Rapide])
def test_excess_inside_a_task_group_is_413(face):
    """A task group wraps the exception; it is still the client's fault."""
    app = face()

    @app.post("/", max_body_size=5)
    async def endpoint(request: Request):
        async with anyio.create_task_group() as group:
            group.start_soon(request.body)

    assert ask(app, "/", b"123", b"456").status == 413


def test_group_with_something_else_is_left_alone():
    """An error of the application's own is not hidden behind a 413."""
    excess = ContentTooLargeError()
    assert excess_in(ExceptionGroup("a", [ExceptionGroup("b", [excess])])) is excess
    assert excess_in(ExceptionGroup("a", [excess, ValueError()])) is None
    assert excess_in(HTTPException(413)) is None


# --- applications, routers, mounts


def test_middleware_that_reads_is_limited_by_the_application():
    """What a middleware reads is refused by the application, outside its routes."""
    app = Rapide(max_body_size=5)

    @app.middleware("http")
    async def read(request, call_next):
        await request.body()
        return await call_next(request)

    app.post("/", max_body_size=50)(size)
    assert ask(app, "/", b"12345").body == b"5"
    assert problem(ask(app, "/", b"123", b"456")) in TOO_LARGE


def test_middleware_that_unpacks_a_body_does_not_get_around_the_limit():
    """A route counts what it receives, not what came over the wire."""

    class Unpacking:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            async def unpacked():
                message = await receive()
                return {**message, "body": message["body"] * 100}

            await self.app(scope, unpacked, send)

    app = Rapide(max_body_size=50)
    app.add_middleware(Unpacking)
    app.post("/")(size)
    assert ask(app, "/", b"1").status == 413


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/own/raw", 10),
        ("/own/child/x", 10),
        ("/own/starlette/x", 10),
        ("/included/raw", 20),
        ("/included/child/x", 20),
        ("/included/host", 20),
        ("/nested/deep/raw", 5),
        ("/nested/deep/child/x", 5),
        ("/twice/raw", 10),
        ("/direct/x", 50),
        ("/raising/x", 100),
    ],
)
@pytest.mark.parametrize("announced", [False, True])
@pytest.mark.parametrize(("face", "make_router"), [(Rapide, APIRouter), (FastAPI, FastAPIRouter)])
def test_limit_reaches_what_has_none_of_its_own(face, make_router, path, limit, announced):
    """Raw endpoints, mounted applications and hosts inherit from the router they stand on, then outwards."""
    child = face()
    child.post("/x")(size)
    starlette = Starlette(routes=[Route("/x", raw_size, methods=["POST"])])

    def declare(**options):
        router = make_router(**options)
        router.add_route("/raw", raw_size, methods=["POST"])
        router.mount("/child", child)
        router.mount("/starlette", starlette)
        return router

    own, plain, deep = declare(max_body_size=10), declare(), declare()
    plain.host("other", Starlette(routes=[Route("/host", raw_size, methods=["POST"])]))
    middle = make_router(max_body_size=5)
    middle.include_router(deep, prefix="/deep")
    app = face(max_body_size=50)
    app.include_router(own, prefix="/own")
    app.include_router(own, prefix="/twice", max_body_size=2)
    app.include_router(plain, prefix="/included", max_body_size=20)
    app.include_router(middle, prefix="/nested", max_body_size=100)
    app.mount("/direct", child)
    app.mount("/raising", Starlette(routes=[Route("/x", raw_size, methods=["POST"])], max_body_size=100))

    host = "other" if path.endswith("/host") else "testserver"
    assert largest(app, path, announced=announced, host=host) == limit


@pytest.mark.parametrize("announced", [False, True])
def test_limit_of_an_application_around_is_raised_and_lowered(announced):
    """Inside a Starlette application with a limit, Rapide's own count as Starlette's do."""
    app = Rapide()
    app.post("/lower", max_body_size=5)(size)
    app.post("/higher", max_body_size=50)(size)
    app.post("/inherited")(size)
    around = Starlette(routes=[Mount("/in", app)], max_body_size=10)
    limits = [
        largest(around, f"/in/{name}", announced=announced) for name in ("lower", "higher", "inherited")
    ]
    assert limits == [5, 50, 10]


def test_router_that_is_served_alone_has_its_limit():
    """A router is an application too."""
    router = FastAPIRouter(max_body_size=5)
    router.add_route("/", raw_size, methods=["POST"])
    assert ask(router, "/", b"12345").body == b"5"
    assert ask(router, "/", b"123456").body == b"Content Too Large"


def test_stray_request_with_a_large_body_is_404():
    """On the native face nobody reads that body, so nobody minds it."""
    assert ask(Rapide(max_body_size=5), "/missing", b"123456", length=6).status == 404


def test_reader_after_the_start_of_a_response_finds_the_connection_ended():
    """An application that answers first and reads later, past the limit, gets no more and no exception."""
    seen = []

    async def early(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        seen.append(await receive())
        await send({"type": "http.response.body", "body": b"done"})

    app = Rapide(max_body_size=5)
    app.mount("/early", early)
    assert ask(app, "/early/", b"123456").body == b"done"
    assert seen == [{"type": "http.disconnect"}]


def test_form_limits_reach_mounted_applications():
    """Each by itself: their own, then the router's, the inclusion's, the application's."""
    child = Rapide(form_limits={"max_files": 7})
    told = {}

    @child.post("/x")
    def endpoint(value: str = Form()):
        return value

    real = forms.parse_strictly

    async def parse_strictly(request, limits):
        told.update(limits)
        return await real(request, limits)

    router = APIRouter(form_limits={"max_fields": 3})
    router.mount("/child", child)
    app = Rapide(form_limits={"max_part_size": 99, "max_fields": 1})
    app.include_router(router, prefix="/p", form_limits={"max_fields": 2, "max_files": 5})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms, "parse_strictly", parse_strictly)
        answer = ask(app, "/p/child/x", b"value=1", content_type="application/x-www-form-urlencoded")
    assert answer.status == 200
    assert told == {"max_fields": 3, "max_files": 7, "max_part_size": 99}
