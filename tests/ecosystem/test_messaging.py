"""Packages about messages, jobs, streams and limits; brokers on this machine."""

import time
import uuid

import pytest
from collecting import collect_mail
from running import wait_for
from websockets.sync.client import connect


@pytest.fixture
def topic():
    """A name that no other run uses."""
    return f"rapide-{uuid.uuid4().hex}"


@pytest.mark.needs("Mosquitto")
@pytest.mark.package("fastapi-mqtt", "messaging")
def test_fastapi_mqtt(environment, topic):
    """Publish from a route, receive in a subscriber, on Mosquitto."""
    with environment.serve("messages_mqtt", TOPIC=topic) as program:
        time.sleep(0.5)  # its subscription is on the way when it starts
        assert program.post("/say/first").status_code == 200
        wait_for(program, "/received", ["first hello"])


@pytest.mark.parametrize(
    "broker",
    [
        pytest.param("redis", marks=pytest.mark.needs("Redis")),
        pytest.param("nats", marks=pytest.mark.needs("NATS")),
        pytest.param("rabbit", marks=pytest.mark.needs("RabbitMQ")),
    ],
)
@pytest.mark.package("faststream", "messaging")
def test_faststream(environment, broker, topic):
    """Subscribers with dependencies, publishers, routes beside them; on Redis, NATS and RabbitMQ."""
    with environment.serve("messages_faststream", BROKER=broker, TOPIC=topic) as program:
        assert program.post("/orders", json={"item": "pen", "amount": 2}).json() == "sent"
        wait_for(
            program, "/received", {"received": ["desk 1: 2 pen", "done: pen, no note"], "left": ["desk 1"]}
        )
        assert program.post("/orders", json={"item": "pen"}).status_code == 422
        assert program.get("/asyncapi").status_code == 200


@pytest.mark.needs("Redis")
@pytest.mark.package("taskiq-fastapi", "messaging")
def test_taskiq_fastapi(environment, topic):
    """A task that the worker runs with the application's state and dependencies, on Redis."""
    with (
        environment.background("jobs_worker", TOPIC=topic),
        environment.serve("jobs_taskiq", TOPIC=topic) as program,
    ):
        assert program.post("/greet/ada").json() == {"here": "HELLO", "there": "hello ada"}


@pytest.mark.package("sse-starlette", "messaging")
def test_sse_starlette(environment):
    """A stream of events to its end, and one whose client leaves."""
    with environment.serve("streaming") as program:
        text = program.get("/events").text
        assert [line for line in text.splitlines() if line.startswith("data")] == [
            "data: 0",
            "data: 1",
            "data: 2",
        ]
        with program.stream("GET", "/events?count=100000") as answer:
            assert next(answer.iter_lines())
        wait_for(program, "/seen", {"handled": [], "closed": ["numbers", "numbers"]})


@pytest.mark.package("fastapi-events", "messaging")
def test_fastapi_events(environment):
    """Events that a route dispatches are handled after its answer."""
    with environment.serve("streaming") as program:
        assert program.post("/books/Emma").status_code == 200
        wait_for(program, "/seen", {"handled": [["book_added", {"title": "Emma"}]], "closed": []})


@pytest.mark.package("python-socketio", "messaging")
def test_socketio(environment):
    """Engine.IO's handshake and an event over a WebSocket, around the application."""
    with environment.serve("streaming") as program:
        assert program.get("/seen").status_code == 200
        url = program.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
        with connect(url, proxy=None) as socket:
            assert socket.recv().startswith("0{")
            socket.send("40")
            assert socket.recv().startswith("40{")
            socket.send('421["shout","hello"]')
            assert {socket.recv(), socket.recv()} == {'42["shouted","HELLO"]', "431[5]"}


@pytest.mark.package("fastapi-limiter", "messaging")
def test_fastapi_limiter(environment):
    """Limits as dependencies of routes, in an included router too, and of WebSocket messages."""
    with environment.serve("limited_again") as program:
        assert [program.get("/v1/twice").status_code for _ in range(3)] == [200, 200, 429]
        assert [program.get("/once").status_code for _ in range(2)] == [200, 429]
        with connect(program.url.replace("http", "ws") + "/ws", proxy=None) as socket:
            answers = []
            for text in ("a", "a", "b"):
                socket.send(text)
                answers.append(socket.recv())
        assert answers == ["taken", "too many", "too many"]


@pytest.mark.package("fastapi-mail", "messaging")
def test_fastapi_mail(environment):
    """A mail in the background, with an uploaded file, to a server on this machine."""
    with collect_mail() as mails, environment.serve("mailing", MAIL_PORT=str(mails.port)) as program:
        answer = program.post("/send", data={"to": "ada@example.org"}, files={"file": ("a.txt", b"attached")})
        assert answer.json() == "sent"
        (mail,) = mails.wait_for(lambda sent: sent, "a mail")
    assert mail.path == "ada@example.org"
    assert b"Your order" in mail.body
    assert b"a.txt" in mail.body


@pytest.mark.parametrize("backend", ["memory", pytest.param("redis", marks=pytest.mark.needs("Redis"))])
@pytest.mark.package("fastapi-cache2", "caching")
def test_fastapi_cache(environment, backend, topic):
    """Answers kept by path and query, with their headers; in memory and on Redis."""
    with environment.serve("cached", BACKEND=backend, TOPIC=topic) as program:
        first, second, other = (program.get(f"/async/{name}") for name in ("a", "a", "b"))
        assert first.json() == second.json() == {"number": 1, "path": "/async/a"}
        assert (first.headers["x-fastapi-cache"], second.headers["x-fastapi-cache"]) == ("MISS", "HIT")
        assert first.headers["x-made"] == "yes"
        assert other.json()["number"] == 2
        assert program.get("/sync").json() == program.get("/sync?q=1").json()
        assert program.get("/sync?q=2").json() == {"number": 2, "q": 2}
        tag = {"if-none-match": second.headers["etag"]}
        assert program.get("/async/a", headers=tag).status_code == 304
        assert program.delete("/").status_code == 200
        parameters = program.get("/openapi.json").json()["paths"]["/async/{name}"]["get"]["parameters"]
        assert [each["name"] for each in parameters] == ["name"]
