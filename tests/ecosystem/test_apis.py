"""Packages for other kinds of API: GraphQL, versions, tools for models, WSGI, Lambda, JSON-RPC, pages."""

import json

import pytest
from running import wait_for
from websockets.sync.client import connect


@pytest.mark.package("strawberry-graphql", "apis")
def test_strawberry(environment):
    """Query, mutation with task and header, context from dependencies, GraphiQL, a subscription."""
    with environment.serve("graphql_strawberry") as program:

        def ask(query, **headers):
            answer = program.post("/graphql", json={"query": query}, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer

        assert ask("{books(atLeast: 300) {title}}").json()["data"] == {"books": [{"title": "Emma"}]}
        assert ask("{me}", user="ada").json()["data"] == {"me": "ada"}
        added = ask('mutation {add(title: "Sanditon") {pages}}')
        assert (added.json()["data"], added.headers["x-added"]) == ({"add": {"pages": 1}}, "Sanditon")
        wait_for(program, "/added", ["Sanditon"])
        assert "errors" in ask("{nothing}").json()
        assert "GraphiQL" in program.get("/graphql", headers={"accept": "text/html"}).text
        url = program.url.replace("http", "ws") + "/graphql"
        with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as socket:
            socket.send(json.dumps({"type": "connection_init"}))
            assert json.loads(socket.recv())["type"] == "connection_ack"
            query = {"query": "subscription {count(target: 3)}"}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": query}))
            messages = [json.loads(socket.recv()) for _ in range(4)]
    assert [message["payload"]["data"]["count"] for message in messages[:3]] == [0, 1, 2]
    assert messages[3]["type"] == "complete"


@pytest.mark.package("ariadne", "apis")
def test_ariadne(environment):
    """Mounted, and called from a route."""
    with environment.serve("graphql_ariadne") as program:
        for path in ("/mounted/", "/called"):
            answer = program.post(path, json={"query": '{hello(name: "ada")}'})
            assert answer.json()["data"]["hello"].startswith("hello ada, from")


@pytest.mark.package("cadwyn", "apis")
def test_cadwyn(environment):
    """Two versions by header: requests and answers of the older one are migrated, routes added."""
    with environment.serve("versions_cadwyn") as program:
        old, new = {"x-api-version": "2025-01-01"}, {"x-api-version": "2026-06-01"}
        created = program.post("/users", json={"address": "Bath"}, headers=old)
        assert created.json() == {"number": 1, "address": "Bath"}, created.text
        assert program.get("/users/1", headers=new).json() == {"number": 1, "addresses": ["Bath"]}
        assert program.get("/users/1?scale=3", headers=old).json() == {"number": 3, "address": "Bath"}
        assert program.get("/users/1?scale=0", headers=old).status_code == 422
        assert program.post("/users", json={"address": "Bath"}, headers=new).status_code == 422
        assert program.delete("/users/1", headers=old).status_code in {404, 405}
        assert program.delete("/users/1", headers=new).status_code == 204
        document = program.get("/openapi.json?version=2025-01-01").json()
        assert "address" in document["components"]["schemas"]["UserCreate"]["properties"]
        assert program.get("/docs").status_code == 200


@pytest.mark.package("fastapi-versioning", "apis")
def test_fastapi_versioning(environment):
    """Versions below prefixes, each with its document."""
    with environment.serve("versions_paths") as program:
        assert program.get("/v1/books").json() == ["Emma"]
        assert program.get("/v2/books?limit=1").json() == program.get("/latest/books").json()
        assert list(program.get("/v1/openapi.json").json()["paths"]) == ["/books"]


@pytest.mark.package("fastmcp", "apis")
def test_fastmcp(environment):
    """The routes as tools, beside themselves: listed, called, and an error passed on."""
    with environment.serve("tools") as program:
        assert program.get("/books/1").json() == {"title": "Emma"}
        headers = {"accept": "application/json, text/event-stream"}

        def call(method, **params):
            message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            answer = program.post("/mcp", json=message, headers=headers)
            assert answer.status_code == 200, answer.text
            data = next(line for line in answer.text.splitlines() if line.startswith("data:"))
            return json.loads(data[5:])["result"]

        info = {"name": "test", "version": "1"}
        call("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=info)
        assert {tool["name"] for tool in call("tools/list")["tools"]} == {"read_book", "add_book"}
        added = call("tools/call", name="add_book", arguments={"title": "Persuasion"})
        assert not added.get("isError"), added
        read = call("tools/call", name="read_book", arguments={"number": 2})
        assert "Persuasion" in read["content"][0]["text"]
        assert call("tools/call", name="read_book", arguments={"number": 9})["isError"]


@pytest.mark.package("a2wsgi", "apis")
def test_a2wsgi(environment):
    """Flask below a path, through both bridges, and a route called as WSGI."""
    with environment.serve("bridged") as program:
        for path in ("/flask", "/own"):
            answer = program.post(f"{path}/echo/ada?q=1", json={"a": 1})
            assert answer.json() == {"name": "ada", "query": "1", "body": {"a": 1}, "root": path}
        assert program.get("/as-wsgi").json() == {"status": "200 OK", "body": '{"item":7}'}


@pytest.mark.package("mangum", "apis")
def test_mangum(environment):
    """Events of API Gateway: parameters, a refusal, a body, a picture."""
    found, refused, added, picture = json.loads(environment.run("lambdas"))
    assert found == [200, '{"item":7,"stage":"$default"}']
    assert refused[0] == 422
    assert added == [200, '{"a":1}']
    assert picture == [200, b"\x89PNG".hex()]


@pytest.mark.package("fastapi-jsonrpc", "apis")
def test_fastapi_jsonrpc(environment):
    """Methods with dependencies, an error of their own, wrong parameters, a batch, an OpenRPC document."""
    with environment.serve("calls_jsonrpc") as program:

        def call(number, **headers):
            message = {"jsonrpc": "2.0", "id": 0, "method": "double", "params": {"number": number}}
            return program.post("/rpc", json=message, headers=headers).json()

        assert call(4, user="ada")["result"] == {"user": "ada", "number": 8}
        assert call(400)["error"]["code"] == 5000
        assert call("x")["error"]["code"] == -32602
        batch = [
            {"jsonrpc": "2.0", "id": each, "method": "double", "params": {"number": each}} for each in (1, 2)
        ]
        assert [each["result"]["number"] for each in program.post("/rpc", json=batch).json()] == [2, 4]
        assert program.get("/openapi.json").status_code == 200


@pytest.mark.package("fasthx", "apis")
def test_fasthx(environment):
    """HTML for htmx and data for everybody else, from one route."""
    with environment.serve("pages_fasthx") as program:
        assert program.get("/book").json() == {"title": "Emma"}
        answer = program.get("/book?title=<i>", headers={"HX-Request": "true"})
        assert answer.text == "<b>&lt;i&gt;</b>"


@pytest.mark.package("scalar-fastapi", "apis")
def test_scalar(environment):
    """The page, which names the document."""
    with environment.serve("pages_fasthx") as program:
        assert "/openapi.json" in program.get("/scalar").text


@pytest.mark.package("schemathesis", "apis")
def test_schemathesis(environment):
    """Requests made from the document, straight to the application; each answer fits it."""
    assert int(environment.run("schemas")) > 0
