"""WebSocket connections of the client for coroutines."""

import anyio
import pytest
from starlette.testclient import WebSocketDenialResponse

from rapide import Rapide, Response, WebSocket, WebSocketDisconnect
from rapide.testing import AsyncTestClient

pytestmark = pytest.mark.anyio


def _app():
    app = Rapide()

    @app.websocket("/echo")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await websocket.send({**message, "type": "websocket.send"})

    @app.websocket("/scope")
    async def scope(websocket: WebSocket, name: str = "nobody"):
        await websocket.accept("chat", headers=[(b"x-extra", b"1"), (b"set-cookie", b"sid=1; Path=/")])
        await websocket.send_json(
            {
                "name": name,
                "scheme": websocket.url.scheme,
                "host": websocket.headers["host"],
                "offered": websocket.scope["subprotocols"],
                "header": websocket.headers.get("x-mine"),
                "cookies": websocket.cookies,
                "client": list(websocket.client),
            }
        )

    return app


async def test_text_bytes_and_json_go_both_ways():
    """What is sent comes back as what it was."""
    async with AsyncTestClient(_app()) as client, client.websocket_connect("/echo") as session:
        await session.send_text("é")
        assert await session.receive_text() == "é"
        await session.send_bytes(b"\xff")
        assert await session.receive_bytes() == b"\xff"
        await session.send_json({"a": [1, "é"]})
        assert await session.receive_json() == {"a": [1, "é"]}
        await session.send_json({"a": 1}, mode="binary")
        assert await session.receive_json(mode="binary") == {"a": 1}
        await session.send({"type": "websocket.receive", "text": "raw"})
        assert await session.receive() == {"type": "websocket.send", "text": "raw"}


async def test_a_message_of_the_other_kind_is_a_type_error():
    """Text is not silently taken for bytes, nor bytes for text."""
    async with AsyncTestClient(_app()) as client, client.websocket_connect("/echo") as session:
        await session.send_text("x")
        with pytest.raises(TypeError, match="receive_text"):
            await session.receive_bytes()
        await session.send_bytes(b"x")
        with pytest.raises(TypeError, match="receive_bytes"):
            await session.receive_text()


async def test_the_handshake_has_what_the_client_was_given():
    """Address, query, headers, cookies and subprotocols arrive, and so does the application's answer."""
    client = AsyncTestClient(_app(), base_url="https://shop.example", cookies={"a": "b"})
    async with (
        client,
        client.websocket_connect(
            "/scope", ["chat", "news"], params={"name": "ann"}, headers={"x-mine": "2"}
        ) as session,
    ):
        assert session.accepted_subprotocol == "chat"
        assert (b"x-extra", b"1") in session.extra_headers
        assert await session.receive_json() == {
            "name": "ann",
            "scheme": "wss",
            "host": "shop.example",
            "offered": ["chat", "news"],
            "header": "2",
            "cookies": {"a": "b"},
            "client": ["testclient", 50000],
        }
    assert client.cookies["sid"] == "1"


async def test_an_absolute_address_is_taken_as_it_is():
    """`ws://` addresses work as well as relative ones."""
    client = AsyncTestClient(_app())
    async with client, client.websocket_connect("ws://other.example/scope") as session:
        assert (await session.receive_json())["host"] == "other.example"


async def test_leaving_the_block_closes_the_connection():
    """The application is told with code 1000, and has ended when the block has."""
    seen = []
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as exc:
            seen.append(exc.code)

    async with AsyncTestClient(app) as client:
        async with client.websocket_connect("/"):
            assert seen == []
        assert seen == [1000]


async def test_the_clients_code_and_reason_reach_the_application():
    """`close` tells the application after what was sent before; nothing can be sent after it."""
    seen = []
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        try:
            while True:
                seen.append(await websocket.receive_text())
        except WebSocketDisconnect as exc:
            seen.append((exc.code, exc.reason))

    async with AsyncTestClient(app) as client, client.websocket_connect("/") as session:
        await session.send_text("last")
        await session.close(4001, "enough")
        with pytest.raises(RuntimeError, match="closed"):
            await session.send_text("too late")
    assert seen == ["last", (4001, "enough")]


async def test_the_applications_code_and_reason_reach_the_client():
    """Receiving from a connection that the application closes raises, after what it sent before."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("last")
        await websocket.close(4002, "done")

    async with AsyncTestClient(app) as client, client.websocket_connect("/") as session:
        assert await session.receive_text() == "last"
        with pytest.raises(WebSocketDisconnect) as caught:
            await session.receive_text()
    assert (caught.value.code, caught.value.reason) == (4002, "done")


@pytest.mark.parametrize("raises", [True, False])
async def test_an_application_that_just_returns_closes_normally(raises):
    """A server closes a connection whose handler has ended."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()

    client = AsyncTestClient(app, raise_server_exceptions=raises)
    async with client, client.websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            await session.receive_text()
    assert caught.value.code == 1000


@pytest.mark.parametrize(("path", "code"), [("/", 4003), ("/nowhere", 1000)])
async def test_a_refusal_is_a_disconnect(path, code):
    """An application that closes before it accepts refuses the connection."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.close(4003, "members only")

    async with AsyncTestClient(app) as client:
        with pytest.raises(WebSocketDisconnect) as caught:
            async with client.websocket_connect(path):
                pytest.fail("the block runs although the connection was refused")
        assert caught.value.code == code


async def test_a_denial_is_a_response():
    """Status, headers, cookies and the whole body of a denial reach the test."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        denial = Response("not " + "you", 403, headers={"x-why": "1"})
        denial.set_cookie("denied", "1")
        await websocket.send_denial_response(denial)

    async with AsyncTestClient(app) as client:
        with pytest.raises(WebSocketDenialResponse) as caught:
            async with client.websocket_connect("/"):
                pytest.fail("the block runs although the connection was refused")
        assert caught.value.status_code == 403
        assert caught.value.headers["x-why"] == "1"
        assert caught.value.content == b"not you"
        assert client.cookies["denied"] == "1"


@pytest.mark.parametrize("accepts", [True, False])
async def test_exceptions_of_the_application_are_raised_once(accepts):
    """Whether before or after accepting, the test gets what the application raised."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        if accepts:
            await websocket.accept()
        raise LookupError("broken")

    async with AsyncTestClient(app) as client:
        with pytest.raises(LookupError, match="broken"):
            async with client.websocket_connect("/") as session:
                await session.receive_text()


async def test_exceptions_that_nobody_received_are_raised_at_the_end():
    """An application that fails while the test does not look fails the test."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        raise LookupError("broken")

    async with AsyncTestClient(app) as client:
        with pytest.raises(LookupError, match="broken"):
            async with client.websocket_connect("/"):
                await anyio.wait_all_tasks_blocked()


async def test_exceptions_are_code_1011_when_they_are_not_raised():
    """Without `raise_server_exceptions` the client sees what any client would."""
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        raise LookupError("broken")

    client = AsyncTestClient(app, raise_server_exceptions=False)
    async with client, client.websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            await session.receive_text()
    assert caught.value.code == 1011


async def test_silence_is_a_timeout():
    """Neither a missing answer nor a missing message hangs the test."""
    app = Rapide()

    @app.websocket("/never")
    async def never(websocket: WebSocket):
        await anyio.sleep_forever()

    @app.websocket("/silent")
    async def silent(websocket: WebSocket):
        await websocket.accept()
        await anyio.sleep_forever()

    async with AsyncTestClient(app, timeout=0.3) as client:
        client.grace = 0
        with pytest.raises(TimeoutError, match=r"sent nothing for 0\.3 seconds"):
            async with client.websocket_connect("/never"):
                pytest.fail("the block runs although nobody accepted")
        async with client.websocket_connect("/silent") as session:
            with pytest.raises(TimeoutError):
                await session.receive_text()


async def test_an_application_that_only_sends_notices_that_the_client_left():
    """Sending to a client that has gone raises, as on a server, and ends the loop."""
    seen = []
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("tick")
        except WebSocketDisconnect as exc:
            seen.append(exc.code)

    async with AsyncTestClient(app) as client:
        async with client.websocket_connect("/") as session:
            assert await session.receive_text() == "tick"
        assert seen == [1006]


async def test_an_application_that_notices_nothing_is_cancelled():
    """Its clean-up has run when the block has ended."""
    seen = []
    app = Rapide()

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        try:
            await websocket.send_text("waiting")
            await anyio.sleep_forever()
        finally:
            seen.append("cleaned up")

    async with AsyncTestClient(app) as client:
        client.grace = 0
        async with client.websocket_connect("/") as session:
            assert await session.receive_text() == "waiting"
        assert seen == ["cleaned up"]


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "websocket.send", "text": "x"}],
        [{"type": "websocket.accept"}, {"type": "websocket.accept"}],
        [{"type": "websocket.accept"}, {"type": "websocket.close"}, {"type": "websocket.send", "text": "x"}],
        [{"type": "http.response.start", "status": 200}],
    ],
)
async def test_what_no_server_would_take_is_an_error_in_the_application(messages):
    """Messages that break ASGI raise where the application sends them."""

    async def app(scope, receive, send):
        for message in messages:
            await send(message)

    async with AsyncTestClient(app, lifespan=False) as client:
        with pytest.raises(RuntimeError, match="cannot send"):
            async with client.websocket_connect("/"):
                await anyio.wait_all_tasks_blocked()


async def test_two_connections_talk_to_each_other():
    """Connections and requests of one client run side by side."""
    app = Rapide()
    rooms = []

    @app.websocket("/")
    async def endpoint(websocket: WebSocket):
        await websocket.accept()
        rooms.append(websocket)
        await websocket.receive()

    @app.post("/say")
    async def say(words: str):
        for websocket in rooms:
            await websocket.send_text(words)

    async with (
        AsyncTestClient(app) as client,
        client.websocket_connect("/") as first,
        client.websocket_connect("/") as second,
    ):
        await client.post("/say", params={"words": "hello"})
        assert await first.receive_text() == "hello"
        assert await second.receive_text() == "hello"
