"""Packages that watch applications: what they call a request, and what they see of it."""

import json

import pytest

ITEM = "/shop/{shop}/items/{item_id}"


def visit(program):
    """Ask for what works, what is refused and what breaks."""
    assert program.get("/shop/left/items/7").json() == {"name": "left 7 store", "price": 1}
    assert program.get("/shop/left/items/0").status_code == 404
    assert program.get("/shop/left/items/seven").status_code == 422
    assert program.post("/shop/left/items", json={"name": "pen"}).status_code == 201
    assert program.get("/shop/left/plain").json() == {"shop": "left"}
    assert program.get("/nowhere").status_code == 404
    assert program.get("/shop/left/boom").status_code == 500


@pytest.mark.package("prometheus-fastapi-instrumentator", "observability")
def test_prometheus_fastapi_instrumentator(environment):
    """Requests counted by the route's path, statuses grouped; `/metrics` beside the routes."""
    with environment.serve("observed_prometheus") as program:
        visit(program)
        lines = program.get("/metrics").text.splitlines()
    counted = {line for line in lines if line.startswith("http_requests_total{")}
    assert f'http_requests_total{{handler="{ITEM}",method="GET",status="2xx"}} 1.0' in counted
    assert f'http_requests_total{{handler="{ITEM}",method="GET",status="4xx"}} 2.0' in counted
    assert 'http_requests_total{handler="/shop/{shop}/boom",method="GET",status="5xx"} 1.0' in counted
    assert 'http_requests_total{handler="none",method="GET",status="4xx"} 1.0' in counted


@pytest.mark.package("starlette-exporter", "observability")
def test_starlette_exporter(environment):
    """Requests counted by the route's path of an included router."""
    with environment.serve("observed_exporter") as program:
        visit(program)
        text = program.get("/metrics").text
    want = f'starlette_requests_total{{app_name="shop",method="GET",path="{ITEM}",status_code="200"}} 1.0'
    assert want in text


@pytest.mark.package("slowapi", "observability")
def test_slowapi(environment):
    """Limits of an `async def` and a `def` route, a default, an exemption; headers tell what is left."""
    with environment.serve("limited") as program:
        first, second, third = (program.get("/twice", headers={"user": "ada"}) for _ in range(3))
        assert [answer.status_code for answer in (first, second, third)] == [200, 200, 429]
        assert first.headers["x-ratelimit-remaining"] == "1"
        assert "retry-after" in third.headers
        assert program.get("/twice", headers={"user": "ben"}).status_code == 200
        program.headers["user"] = "ada"
        assert program.get("/once/a").json() == {"name": "a"}
        assert program.get("/once/b").status_code == 429
        assert [program.get("/default").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert {program.get("/free").status_code for _ in range(5)} == {200}


@pytest.mark.package("sentry-sdk", "observability")
def test_sentry(environment, collector):
    """Transactions and an error named by the route, with the body of the request and the endpoint's frame."""

    def items(kind):
        def find(sent):
            found = []
            for each in sent:
                lines = each.body.split(b"\n")
                pairs = zip(lines[1::2], lines[2::2], strict=False)
                found += [json.loads(body) for head, body in pairs if json.loads(head)["type"] == kind]
            return found

        return find

    dsn = f"http://key@127.0.0.1:{collector.port}/1"
    with environment.serve("observed_sentry", SENTRY_DSN=dsn) as program:
        visit(program)
        program.post("/shop/left/items", json={"name": 1})
        collector.wait_for(items("event"), "an error")
        collector.wait_for(
            lambda sent: len(items("transaction")(sent)) == 8, "a transaction for each request"
        )
    (error,) = items("event")(collector.sent)
    assert error["transaction"] == "/shop/{shop}/boom"
    assert error["transaction_info"]["source"] == "route"
    exception = error["exception"]["values"][-1]
    assert (exception["type"], exception["value"]) == ("ValueError", "broken: left")
    assert exception["stacktrace"]["frames"][-1]["function"] == "boom"
    transactions = items("transaction")(collector.sent)
    names = {(each["transaction"], each["contexts"]["trace"]["status"]) for each in transactions}
    assert {
        (ITEM, "ok"),
        (ITEM, "not_found"),
        (ITEM, "invalid_argument"),
        ("/shop/{shop}/items", "ok"),
        ("/shop/{shop}/plain", "ok"),
        ("/shop/{shop}/boom", "internal_error"),
    } <= names
    added = next(each for each in transactions if each["transaction"] == "/shop/{shop}/items")
    assert added["request"]["data"] == {"name": "pen"}


@pytest.mark.parametrize("instrumented", ["every", "one"])
@pytest.mark.package("opentelemetry-instrumentation-fastapi", "observability")
def test_opentelemetry(environment, instrumented):
    """Spans named by the route, with exceptions, in the caller's trace; `instrument` and `instrument_app`."""
    parent = "0af7651916cd43dd8448eb211c80319c"
    with environment.serve("observed_otel", INSTRUMENTED=instrumented) as program:
        visit(program)
        program.get("/shop/right/plain", headers={"traceparent": f"00-{parent}-b7ad6b7169203331-01"})
        spans = program.get("/spans").json()
    server = [span for span in spans if span["kind"] == "SERVER"]
    by_name = {span["name"]: span for span in server}
    assert [span["name"] for span in server].count(f"GET {ITEM}") == 3
    assert by_name[f"GET {ITEM}"]["attributes"]["http.route"] == ITEM
    assert by_name["GET /shop/{shop}/boom"]["status"] == "ERROR"
    assert "exception" in by_name["GET /shop/{shop}/boom"]["events"]
    assert by_name["GET /shop/{shop}/plain"]["trace"] == parent


@pytest.mark.package("logfire", "observability")
def test_logfire(environment):
    """The arguments and errors of each request on its span, the endpoint in a span of its own."""
    with environment.serve("observed_logfire") as program:
        visit(program)
        spans = program.get("/spans").json()
    arguments = [span for span in spans if "fastapi.arguments.values" in span["attributes"]]
    values = [json.loads(span["attributes"]["fastapi.arguments.values"]) for span in arguments]
    assert {"shop": "left", "item_id": 7, "store": "store"} in values
    errors = [json.loads(span["attributes"].get("fastapi.arguments.errors", "[]")) for span in arguments]
    assert ["path", "item_id"] in [error[0]["loc"] for error in errors if error]
    names = {span["name"] for span in spans}
    assert {f"GET {ITEM}", "GET /shop/{shop}/boom"} <= names
    assert "read_item" in {span["attributes"].get("code.function") for span in spans}


@pytest.mark.parametrize("start", [{}, {"under": ["ddtrace-run"], "DDTRACE_RUN": "1"}], ids=["auto", "run"])
@pytest.mark.package("ddtrace", "observability")
def test_ddtrace(environment, start):
    """Resources named by the route, errors, serialising, tasks; `ddtrace.auto` and `ddtrace-run`."""
    with environment.serve("observed_ddtrace", DD_TRACE_ENABLED="true", **start) as program:
        visit(program)
        spans = program.get("/spans").json()
    requests = {(span["resource"], span["tags"].get("http.status_code")) for span in spans}
    assert {(f"GET {ITEM}", "200"), (f"GET {ITEM}", "404"), ("GET /shop/{shop}/plain", "200")} <= requests
    failed = [span for span in spans if span["error"] and span["resource"] == "GET /shop/{shop}/boom"]
    assert "ValueError" in {span["tags"].get("error.type", "").rpartition(".")[2] for span in failed}
    names = {span["name"] for span in spans}
    assert {"fastapi.request", "fastapi.serialize_response"} <= names
    assert any(name.endswith(".background_task") for name in names)


@pytest.mark.package("elastic-apm", "observability")
def test_elastic_apm(environment, collector):
    """Transactions and an error named by the route, sent to a server."""

    def records(sent):
        lines = [line for each in sent for line in each.body.splitlines() if line]
        found = [json.loads(line) for line in lines]
        return found if any("error" in each for each in found) else []

    server = {"ELASTIC_APM_SERVER_URL": collector.url, "ELASTIC_APM_SERVICE_NAME": "shop"}
    settings = {"ELASTIC_APM_API_REQUEST_TIME": "1s", "ELASTIC_APM_CENTRAL_CONFIG": "false"}
    with environment.serve("observed_elastic", **server, **settings) as program:
        visit(program)
        found = collector.wait_for(records, "an error")
    names = {
        (each["transaction"]["name"], each["transaction"]["result"])
        for each in found
        if "transaction" in each
    }
    assert {(f"GET {ITEM}", "HTTP 2xx"), (f"GET {ITEM}", "HTTP 4xx")} <= names
    error = next(each["error"] for each in found if "error" in each)
    assert error["exception"]["type"] == "ValueError"


@pytest.mark.parametrize("start", [{}, {"under": ["newrelic-admin", "run-program"]}], ids=["call", "admin"])
@pytest.mark.package("newrelic", "observability")
def test_newrelic(environment, start):
    """A transaction named by the endpoint that answers; `initialize()` and `newrelic-admin`."""
    settings = {
        "NEW_RELIC_DEVELOPER_MODE": "true",
        "NEW_RELIC_LICENSE_KEY": "none",
        "NEW_RELIC_APP_NAME": "shop",
    }
    with environment.serve("observed_newrelic", **settings, **start) as program:
        visit(program)
        assert program.get("/name/7").json()["name"] == "observed_newrelic:tell_name"


@pytest.mark.package("apitally", "observability")
def test_apitally(environment, collector):
    """Spans that name the route, sent to a collector."""
    token = "apt_" + "a" * 24
    variables = {"APITALLY_WRITE_TOKEN": token, "APITALLY_OTLP_ENDPOINT": collector.url}
    with environment.serve("observed_apitally", **variables) as program:
        visit(program)
    wanted = ITEM.encode()
    collector.wait_for(lambda sent: [each for each in sent if wanted in each.body], ITEM)


@pytest.mark.package("asgi-correlation-id", "observability")
def test_asgi_correlation_id(environment):
    """An id taken over or made: in endpoints, a background task and the headers of a refusal."""
    with environment.serve("correlated") as program:
        answer = program.get("/here", headers={"x-request-id": "mine"})
        assert (answer.json(), answer.headers["x-request-id"]) == ("mine", "mine")
        answer = program.get("/thread")
        assert answer.json() == answer.headers["x-request-id"]
        assert len(answer.json()) == 32
        assert program.get("/refused", headers={"x-request-id": "other"}).headers["x-request-id"] == "other"
        assert program.get("/seen").json() == ["mine"]
