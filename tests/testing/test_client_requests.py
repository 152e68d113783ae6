"""Requests of the client for coroutines: what the application sees of them, and the test of the answer."""

from dataclasses import replace

import anyio
import httpx2
import pytest

from rapide import RAPIDE, BackgroundTasks, HTTPException, Rapide, Request, Response
from rapide.testing import AsyncTestClient

pytestmark = pytest.mark.anyio


def _app():
    app = Rapide()

    @app.get("/")
    async def home(request: Request):
        return {
            "client": list(request.client) if request.client else None,
            "cookies": request.cookies,
            "host": request.headers["host"],
            "agent": request.headers["user-agent"],
            "extra": request.headers.get("x-extra"),
            "query": str(request.query_params),
        }

    @app.get("/away")
    async def away():
        return Response(status_code=303, headers={"location": "/"})

    @app.get("/login")
    async def login(response: Response):
        response.set_cookie("sid", "1")

    @app.api_route("/echo", methods=["POST", "PUT", "PATCH", "DELETE"])
    async def echo(request: Request):
        return {
            "method": request.method,
            "type": request.headers.get("content-type"),
            "body": await request.body(),
        }

    @app.get("/teapot")
    async def teapot():
        raise HTTPException(418, "short and stout")

    return app


async def _sent_scope(path="/", **options):
    """Return the scope of one request."""
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})

    async with AsyncTestClient(app, lifespan=False, **options) as client:
        await client.get(path)
    return scopes[0]


async def test_requests_reach_the_application_with_the_clients_defaults():
    """Address, host, user agent, headers and cookies are those of the client."""
    async with AsyncTestClient(
        _app(),
        base_url="https://shop.example",
        headers={"x-extra": "1"},
        cookies={"a": "b"},
        client=("10.0.0.1", 5),
    ) as client:
        answer = await client.get("/", params={"q": "x"})
    assert answer.json() == {
        "client": ["10.0.0.1", 5],
        "cookies": {"a": "b"},
        "host": "shop.example",
        "agent": "testclient",
        "extra": "1",
        "query": "q=x",
    }
    assert answer.http_version == "HTTP/1.1"
    assert answer.reason_phrase == "OK"


async def test_defaults_are_those_of_the_plain_client():
    """Without options the base URL and the client's address are those that TestClient has."""
    async with AsyncTestClient(_app()) as client:
        seen = (await client.get("/")).json()
    assert seen["client"] == ["testclient", 50000]
    assert seen["host"] == "testserver"


async def test_a_given_user_agent_stays():
    """The default user agent replaces none that was given."""
    async with AsyncTestClient(_app(), headers={"User-Agent": "mine"}) as client:
        assert (await client.get("/")).json()["agent"] == "mine"


async def test_no_client_address_is_none_in_the_scope():
    """`client=None` is a server that does not know who asks, behind a socket file for instance."""
    async with AsyncTestClient(_app(), client=None) as client:
        assert (await client.get("/")).json()["client"] is None


async def test_scope_is_that_of_a_server():
    """Path, raw path, query, root path, server and versions are what ASGI says."""
    scope = await _sent_scope("/caf%C3%A9%2525?x=%20", base_url="https://shop.example", root_path="/api")
    assert scope["path"] == "/café%25"
    assert scope["raw_path"] == b"/caf%C3%A9%2525"
    assert scope["query_string"] == b"x=%20"
    assert scope["root_path"] == "/api"
    assert scope["server"] == ("shop.example", 443)
    assert scope["scheme"] == "https"
    assert scope["method"] == "GET"
    assert scope["http_version"] == "1.1"
    assert scope["asgi"]["version"] == "3.0"
    assert (b"host", b"shop.example") in scope["headers"]
    assert all(name == name.lower() for name, _ in scope["headers"])


async def test_a_port_of_the_address_is_the_servers():
    """The server's port comes from the address when it has one."""
    assert (await _sent_scope("http://shop.example:8080/"))["server"] == ("shop.example", 8080)


@pytest.mark.parametrize("method", ["post", "put", "patch"])
async def test_bodies_are_sent(method):
    """JSON, bytes and forms arrive as the library encodes them."""
    async with AsyncTestClient(_app()) as client:
        call = getattr(client, method)
        assert (await call("/echo", json={"a": 1})).json() == {
            "method": method.upper(),
            "type": "application/json",
            "body": '{"a":1}',
        }
        assert (await call("/echo", content=b"raw")).json()["body"] == "raw"
        assert (await call("/echo", data={"a": "1"})).json()["body"] == "a=1"


async def test_files_are_sent_as_multipart():
    """A multipart body, which the library makes in pieces, arrives whole."""
    async with AsyncTestClient(_app()) as client:
        seen = (await client.post("/echo", files={"file": ("a.txt", b"content")})).json()
    assert seen["type"].startswith("multipart/form-data; boundary=")
    assert "content" in seen["body"]
    assert 'filename="a.txt"' in seen["body"]


async def test_cookies_are_kept():
    """A cookie that a response sets goes with the next request."""
    async with AsyncTestClient(_app()) as client:
        await client.get("/login")
        assert (await client.get("/")).json()["cookies"] == {"sid": "1"}


@pytest.mark.parametrize(("follow", "status"), [(True, 200), (False, 303)])
async def test_redirects_are_followed_unless_told_otherwise(follow, status):
    """`follow_redirects` is on by default, as in TestClient."""
    async with AsyncTestClient(_app(), follow_redirects=follow) as client:
        assert (await client.get("/away")).status_code == status
    async with AsyncTestClient(_app()) as client:
        assert (await client.get("/away")).status_code == 200


async def test_errors_that_the_application_answers_are_responses():
    """An HTTPException is an answer, no exception of the test."""
    async with AsyncTestClient(_app()) as client:
        assert (await client.get("/teapot")).status_code == 418
        assert (await client.get("/nowhere")).status_code == 404


async def test_requests_of_parallel_tasks_do_not_wait_for_each_other():
    """Two requests that need each other both end."""
    app = Rapide()
    met = anyio.Event()

    @app.get("/first")
    async def first():
        await met.wait()
        return "first"

    @app.get("/second")
    async def second():
        met.set()
        return "second"

    answers = {}

    async with AsyncTestClient(app) as client:

        async def ask(path):
            answers[path] = (await client.get(path)).json()

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "/first")
            group.start_soon(ask, "/second")
    assert answers == {"/first": "first", "/second": "second"}


async def test_head_responses_have_headers_and_no_body():
    """What an application sends as body of a HEAD response stays with the server."""

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async with AsyncTestClient(app, lifespan=False) as client:
        answer = await client.head("/")
    assert answer.headers["content-length"] == "5"
    assert answer.content == b""


# ------------------------------------------------------------------------------------------- exceptions


def _failing():
    app = Rapide(behaviour=replace(RAPIDE, isolated_tasks=False))

    @app.get("/fail")
    async def fail():
        raise ValueError("broken")

    @app.get("/fail-on-thread")
    def fail_on_thread():
        raise ValueError("broken")

    @app.get("/fail-afterwards")
    async def fail_afterwards(tasks: BackgroundTasks):
        async def work():
            raise ValueError("broken later")

        tasks.add_task(work)

    return app


@pytest.mark.parametrize("path", ["/fail", "/fail-on-thread"])
async def test_exceptions_of_the_application_are_raised(path):
    """What an endpoint raises reaches the test, with the endpoint's frame in its traceback."""
    async with AsyncTestClient(_failing()) as client:
        with pytest.raises(ValueError, match="broken") as caught:
            await client.get(path)
    assert caught.traceback[-1].name.startswith("fail")


@pytest.mark.parametrize("path", ["/fail", "/fail-on-thread"])
async def test_exceptions_are_answers_when_they_are_not_raised(path):
    """Without `raise_server_exceptions` the client sees what any client would."""
    async with AsyncTestClient(_failing(), raise_server_exceptions=False) as client:
        answer = await client.get(path)
    assert answer.status_code == 500
    assert "broken" not in answer.text


async def test_exceptions_after_the_response_are_raised():
    """What fails after a complete response fails the test too."""
    async with AsyncTestClient(_failing()) as client:
        with pytest.raises(ValueError, match="broken later"):
            await client.get("/fail-afterwards")
    async with AsyncTestClient(_failing(), raise_server_exceptions=False) as client:
        assert (await client.get("/fail-afterwards")).status_code == 200


async def test_the_client_works_on_after_an_exception():
    """An exception of one request leaves the client, and the test, as they were."""
    async with AsyncTestClient(_failing()) as client:
        with pytest.raises(ValueError, match="broken"):
            await client.get("/fail")
        assert (await client.get("/nowhere")).status_code == 404
        await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("raises", [True, False])
async def test_ending_without_a_response_is_a_server_error(raises):
    """An application that sends nothing is a mistake of the application."""

    async def app(scope, receive, send):
        return

    async with AsyncTestClient(app, lifespan=False, raise_server_exceptions=raises) as client:
        if raises:
            with pytest.raises(RuntimeError, match="without sending a response"):
                await client.get("/")
        else:
            assert (await client.get("/")).status_code == 500


_START = {"type": "http.response.start", "status": 200, "headers": []}


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([_START, _START], "begun already"),
        ([{"type": "http.response.body"}], "before the response has begun"),
        ([_START, {"type": "http.response.body"}, {"type": "http.response.body"}], "after its end"),
        ([_START, {"type": "http.response.trailers"}], "not announced"),
        ([{"type": "websocket.accept"}], "cannot send 'websocket.accept'"),
        ([_START | {"headers": [("a", "b")]}], "not made of bytes"),
        ([_START | {"headers": [(b"a", b"b\r\nc: d")]}], "characters that end it"),
        (
            [
                _START | {"headers": [(b"content-length", b"1")]},
                {"type": "http.response.body", "body": b"ab"},
            ],
            "longer than its Content-Length",
        ),
        (
            [
                _START | {"headers": [(b"Content-Length", b"3")]},
                {"type": "http.response.body", "body": b"ab"},
            ],
            "shorter than its Content-Length",
        ),
    ],
)
async def test_what_no_server_would_send_is_an_error_in_the_application(messages, error):
    """Messages that break ASGI or HTTP raise where the application sends them."""

    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    async with AsyncTestClient(app, lifespan=False) as client:
        with pytest.raises((RuntimeError, TypeError, ValueError), match=error):
            await client.get("/")


async def test_trailers_are_in_the_extensions():
    """Trailers that were announced come with the response, as in TestClient."""

    async def app(scope, receive, send):
        assert "http.response.trailers" in scope["extensions"]
        await send(_START | {"trailers": True})
        await send({"type": "http.response.body", "body": b"x"})
        await send({"type": "http.response.trailers", "headers": [(b"a", b"1")], "more_trailers": True})
        await send({"type": "http.response.trailers", "headers": [(b"b", b"2")]})

    async with AsyncTestClient(app, lifespan=False) as client:
        answer = await client.get("/")
    assert answer.content == b"x"
    assert answer.extensions["http.response.trailers"] == [(b"a", b"1"), (b"b", b"2")]


async def test_rendered_templates_show_their_context():
    """Template and context of a rendered page are on the response, as in TestClient."""
    jinja2 = pytest.importorskip("jinja2")
    from rapide.templating import Jinja2Templates

    pages = Jinja2Templates(
        env=jinja2.Environment(loader=jinja2.DictLoader({"page": "hi {{ who }}"}), autoescape=True)
    )
    app = Rapide()

    @app.get("/", response_class=Response)
    async def page(request: Request):
        return pages.TemplateResponse(request, "page", {"who": "you"})

    async with AsyncTestClient(app) as client:
        answer = await client.get("/")
    assert answer.text == "hi you"
    assert answer.template.name == "page"
    assert answer.context["who"] == "you"


# ------------------------------------------------------------------------------------------- time and tasks


async def test_a_response_that_takes_too_long_is_a_read_timeout():
    """The request ends with the library's exception, and the application is stopped."""
    stopped = anyio.Event()

    async def app(scope, receive, send):
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()

    async with AsyncTestClient(app, lifespan=False, timeout=0.02) as client:
        client.grace = 0
        with pytest.raises(httpx2.ReadTimeout, match=r"did not answer within 0\.02 seconds"):
            await client.get("/")
        assert stopped.is_set()


async def test_a_time_limit_of_one_request_counts_for_it():
    """`timeout=` of a request replaces that of the client."""

    async def app(scope, receive, send):
        await anyio.sleep_forever()

    async with AsyncTestClient(app, lifespan=False, timeout=None) as client:
        client.grace = 0
        with pytest.raises(httpx2.ReadTimeout):
            await client.get("/", timeout=0.02)


async def test_work_after_the_response_is_limited_too():
    """A background task without end does not hang the test."""
    app = Rapide()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        tasks.add_task(anyio.sleep_forever)

    async with AsyncTestClient(app, timeout=0.3) as client:
        with pytest.raises(httpx2.ReadTimeout, match=r"still ran 0\.3 seconds after its response"):
            await client.get("/")


async def test_background_work_is_done_when_the_call_returns():
    """A test can look at what background tasks have done."""
    done = []
    app = Rapide()

    @app.get("/")
    async def endpoint(tasks: BackgroundTasks):
        async def work():
            await anyio.sleep(0.001)
            done.append(True)

        tasks.add_task(work)

    async with AsyncTestClient(app) as client:
        await client.get("/")
        assert done == [True]


async def test_a_cancelled_request_is_a_client_that_has_gone():
    """Cancelling the call tells the application, waits for it, and cancels nothing else."""
    seen = []

    async def app(scope, receive, send):
        await receive()
        seen.append((await receive())["type"])

    async with AsyncTestClient(app, lifespan=False) as client:
        with anyio.move_on_after(0.02) as scope:
            await client.get("/")
        assert scope.cancelled_caught
        assert seen == ["http.disconnect"]


async def test_an_application_that_does_not_notice_is_cancelled_after_the_grace():
    """Its clean-up has run when the call returns."""
    seen = []

    async def app(scope, receive, send):
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.01)
                seen.append("cleaned up")

    async with AsyncTestClient(app, lifespan=False) as client:
        client.grace = 0.01
        with anyio.move_on_after(0.02):
            await client.get("/")
        assert seen == ["cleaned up"]


async def test_cancel_scopes_of_the_test_do_not_reach_into_the_application():
    """The application's task is its own: no deadline of the test stands around it."""
    deadlines = []
    app = Rapide()

    @app.get("/")
    async def endpoint():
        deadlines.append(anyio.current_effective_deadline())

    async with AsyncTestClient(app) as client:
        with anyio.fail_after(60):
            await client.get("/")
    assert deadlines == [float("inf")]


async def test_responses_that_nobody_closed_are_left_with_the_client():
    """Leaving the client ends what a test has forgotten."""
    ended = []

    async def app(scope, receive, send):
        await send(_START)
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(True)

    async with AsyncTestClient(app, lifespan=False) as client:
        client.grace = 0
        await client.send(client.build_request("GET", "/"), stream=True)
        assert ended == []
    assert ended == [True]


async def test_websocket_addresses_are_refused_with_advice():
    """httpx2's own WebSocket client needs a network; the error names the method to call."""
    async with AsyncTestClient(_app()) as client:
        with pytest.raises(httpx2.UnsupportedProtocol, match=r"websocket_connect\(\)"):
            await client.get("ws://testserver/")
