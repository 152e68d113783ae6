"""Packages that help with one thing each: views, errors, health, compression, sockets, caches."""

import json
from threading import Thread
from uuid import uuid4

import pytest
from websockets.sync.client import connect


def _serve(environment, package):
    return environment.serve("toolbox", PACKAGE=package)


@pytest.mark.package("fastapi-offline", "toolbox")
def test_fastapi_offline(environment):
    """Its own pages, with files that it serves."""
    with _serve(environment, "fastapi-offline") as program:
        page = program.get("/docs").text
        assert "/static-offline-docs/" in page
        assert "cdn." not in page
        assert program.get("/static-offline-docs/swagger-ui.css").status_code == 200
        assert "/static-offline-docs/" in program.get("/redoc").text
        assert program.get("/openapi.json").json()["info"] == {"title": "Offline", "version": "3"}


@pytest.mark.package("fastapi-health", "toolbox")
def test_fastapi_health(environment):
    """Conditions that are dependencies, through a signature made at run time."""
    with _serve(environment, "fastapi-health") as program:
        assert (program.get("/health").status_code, program.get("/health").json()) == (200, {"count": 1})
        program.put("/ready/false")
        assert program.get("/health").status_code == 503
        assert program.get("/health", params={"n": "x"}).status_code == 422


@pytest.mark.package("fastapi-problem", "toolbox")
def test_fastapi_problem(environment):
    """Errors of its own, of HTTP, of validation and of nobody as problem documents."""
    with _serve(environment, "fastapi-problem") as program:
        missing = program.get("/users/1")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"
        assert missing.json()["detail"] == "no user 1"
        assert program.get("/users/x").json()["status"] == 422
        assert program.get("/users/3").json()["status"] == 418
        broken = program.get("/users/4")
        assert (broken.status_code, broken.headers["content-type"]) == (500, "application/problem+json")


@pytest.mark.package("fastapi-etag", "toolbox")
def test_fastapi_etag(environment):
    """An ETag by a dependency, and 304 by an exception."""
    with _serve(environment, "fastapi-etag") as program:
        answer = program.get("/hello/ada")
        assert (answer.json(), answer.headers["etag"]) == ("ada", 'W/"of-ada"')
        again = program.get("/hello/ada", headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.package("fastapi-restful", "toolbox")
def test_fastapi_restful(environment):
    """A resource whose methods are routes, with its constructor's values and dependencies."""
    with _serve(environment, "fastapi-restful") as program:
        assert program.get("/books", params={"number": 7}).json() == {"title": "A 7 city"}
        assert program.get("/books").status_code == 422
        assert program.post("/books", json={"title": "Emma"}).json() == {"title": "Emma"}


@pytest.mark.package("fastapi-class", "toolbox")
def test_fastapi_class(environment):
    """A class whose methods are routes."""
    with _serve(environment, "fastapi-class") as program:
        assert program.post("/items", json={"number": 1}).json() == {"number": 1}
        assert program.get("/items", params={"number": 0}).status_code == 422
        assert program.put("/items/all").json() == "all"


@pytest.mark.package("classy-fastapi", "toolbox")
def test_classy_fastapi(environment):
    """Routes of an object, with what it holds."""
    with _serve(environment, "classy-fastapi") as program:
        assert program.get("/users/ada").json() == 36
        assert program.post("/users/ben", params={"age": 3}).json() == 3
        assert program.get("/users/ben").json() == 3


@pytest.mark.package("fastapi-controllers", "toolbox")
def test_fastapi_controllers(environment):
    """Controllers with dependencies in their constructor, for HTTP and WebSockets."""
    with _serve(environment, "fastapi-controllers") as program:
        assert program.get("/c/me", params={"times": 2}, headers={"x-user": "ada"}).json() == "adaada"
        assert program.get("/c/me").status_code == 422
        url = program.url.replace("http", "ws")
        with connect(f"{url}/c/ws", additional_headers={"x-user": "ada"}, proxy=None) as socket:
            socket.send("hello")
            assert socket.recv(10) == "ada hello"


@pytest.mark.package("fastapi-views", "toolbox")
def test_fastapi_views(environment):
    """A view set: list, create, read, change, delete; what is missing is a problem document."""
    with _serve(environment, "fastapi-views") as program:
        thing = {"id": str(uuid4()), "name": "lamp"}
        assert program.get("/things").json() == []
        created = program.post("/things", json=thing)
        assert (created.status_code, created.json()) == (201, thing)
        assert program.get(f"/things/{thing['id']}").json() == thing
        assert program.get(f"/things/{uuid4()}").status_code == 404
        assert program.put(f"/things/{thing['id']}", json={**thing, "name": "desk"}).status_code == 200
        assert program.delete(f"/things/{thing['id']}").status_code == 204
        assert program.post("/things", json={"id": "x"}).status_code == 400  # its own rule


@pytest.mark.package("fastapi-hypermodel", "toolbox")
def test_fastapi_hypermodel(environment):
    """Links to routes, made from their names while the answer is validated."""
    with _serve(environment, "fastapi-hypermodel") as program:
        person = program.get("/people/7")
        assert person.headers["content-type"] == "application/hal+json"
        assert person.json()["_links"]["self"]["href"] == "/people/7"


@pytest.mark.package("fastapi-websocket-rpc", "toolbox")
def test_fastapi_websocket_rpc(environment):
    """A call over a WebSocket, and its answer."""
    with _serve(environment, "fastapi-websocket-rpc") as program:
        with connect(f"{program.url.replace('http', 'ws')}/ws", proxy=None) as socket:
            call = {"request": {"method": "add", "arguments": {"a": 1, "b": 2}, "call_id": "1"}}
            socket.send(json.dumps(call))
            while not (answer := json.loads(socket.recv(10))).get("response"):
                pass
        assert (answer["response"]["result"], answer["response"]["call_id"]) == (3, "1")


@pytest.mark.package("fastapi-websocket-pubsub", "toolbox")
def test_fastapi_websocket_pubsub(environment):
    """A client subscribes over a WebSocket, and hears what a route publishes."""
    with _serve(environment, "fastapi-websocket-pubsub") as program:
        with connect(f"{program.url.replace('http', 'ws')}/pubsub", proxy=None) as socket:
            call = {"request": {"method": "subscribe", "arguments": {"topics": ["news"]}, "call_id": "1"}}
            socket.send(json.dumps(call))
            while not json.loads(socket.recv(10)).get("response"):
                pass
            # The route waits until whom it told has answered.
            publishing = Thread(
                target=program.post, args=["/publish/news"], kwargs={"params": {"text": "hello"}}
            )
            publishing.start()
            while not (heard := json.loads(socket.recv(10))).get("request"):
                pass
            answer = {"call_id": heard["request"]["call_id"], "result": None, "result_type": None}
            socket.send(json.dumps({"response": answer}))
            publishing.join(10)
            assert not publishing.is_alive()
        assert heard["request"]["method"] == "notify"
        assert heard["request"]["arguments"]["data"] == "hello"


@pytest.mark.package("msgpack-asgi", "toolbox")
def test_msgpack_asgi(environment):
    """MessagePack in and out, translated around the application."""
    with _serve(environment, "msgpack-asgi") as program:
        packed = {"content-type": "application/vnd.msgpack", "accept": "application/vnd.msgpack"}
        answer = program.post("/double", content=b"\x81\xa1x\x04", headers=packed)
        assert (answer.headers["content-type"], answer.content) == (
            "application/vnd.msgpack",
            b"\x81\xa1x\x08",
        )
        assert program.post("/double", json={"x": 4}).json() == {"x": 8}


@pytest.mark.package("brotli-asgi", "toolbox")
def test_brotli_asgi(environment):
    """Answers made smaller, for those who can read them."""
    with _serve(environment, "brotli-asgi") as program:
        small = program.get("/long", headers={"accept-encoding": "br"})
        assert small.headers["content-encoding"] == "br"
        assert int(small.headers["content-length"]) < 1000
        assert program.get("/long", headers={"accept-encoding": "identity"}).json() == "a" * 10_000


@pytest.mark.package("starlette-context", "toolbox")
def test_starlette_context(environment):
    """A context of each request, in a dependency of a thread and in the endpoint."""
    with _serve(environment, "starlette-context") as program:
        answer = program.get("/id", headers={"x-request-id": "5" * 32})
        assert answer.json() == ["5" * 32] * 2
        assert answer.headers["x-request-id"] == "5" * 32
        first, second = program.get("/id").json(), program.get("/id").json()
        assert first[0] == first[1] != second[0]


@pytest.mark.package("secure", "toolbox")
def test_secure(environment):
    """Headers that protect, around the application."""
    with _serve(environment, "secure") as program:
        answer = program.get("/hello")
        assert answer.json() == "hello"
        assert "strict-transport-security" in answer.headers


@pytest.mark.needs("Redis")
@pytest.mark.package("fastapi-redis-sdk", "toolbox")
def test_fastapi_redis_sdk(environment):
    """Answers kept on Redis by a dependency, and a limit of requests."""
    with _serve(environment, "fastapi-redis-sdk") as program:
        number = uuid4().int % 10**9
        first = program.get(f"/products/{number}").json()
        assert program.get(f"/products/{number}").json() == first
        assert [program.get("/search").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.needs("Redis")
@pytest.mark.package("fastapi-plugins", "toolbox")
def test_fastapi_plugins(environment):
    """Redis as a dependency that the lifespan makes, and the routes of its control plug-in."""
    with _serve(environment, "fastapi-plugins") as program:
        assert program.get("/ping").json() is True
        assert program.get("/control/version").json() == {"version": "7"}
        assert program.get("/control/environ").json() == {"environ": {"a": "b"}}
        assert program.get("/control/health").json()["status"] is True
        assert program.get("/control/heartbeat").json() == {"is_alive": True}


@pytest.mark.package("fastapi-profiler", "toolbox")
def test_fastapi_profiler(environment):
    """Its middleware and pages beside the routes."""
    with _serve(environment, "fastapi-profiler") as program:
        assert program.get("/hello").json() == "hello"


@pytest.mark.package("broadcaster", "toolbox")
def test_broadcaster(environment):
    """A WebSocket hears what a route publishes; opened and closed by the events of the application."""
    with (
        _serve(environment, "broadcaster") as program,
        connect(f"{program.url.replace('http', 'ws')}/listen", proxy=None) as socket,
    ):
        program.post("/say/hello")
        assert socket.recv(10) == "hello"
