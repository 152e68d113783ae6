"""DOC, ERR, LOG, DAT: what may be seen from outside, and what stands in logs."""

import io
import json
import logging
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import pytest
from catalogue_asking import ask
from catalogue_faces import JSON, Face
from pydantic import BaseModel, SecretStr

_SCRIPT = "</title><script>alert(1)</script>"


class User(BaseModel):
    name: str


class Account(User):
    password: str


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]


class Team(BaseModel):
    lead: User


@pytest.mark.row("DOC-01")
@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_doc_01_title_is_text(face: Face, page: str):
    """What stands in the title of the API is text on the pages, never markup."""
    answer = ask(face.app(title=_SCRIPT), "GET", page)
    assert answer.status == 200
    assert b"<script>alert(1)" not in answer.body


@pytest.mark.row("DOC-02")
@pytest.mark.parametrize(
    "options",
    [
        {"openapi_url": "/o</script><script>alert(1)</script>"},
        {"swagger_ui_init_oauth": {"clientId": "</script><script>alert(1)</script>"}},
        {"swagger_ui_parameters": {"x": "</script><script>alert(1)</script>"}},
    ],
)
def test_doc_02_options_cannot_leave_their_place(face: Face, options: dict[str, Any]):
    """Nothing of the options of the pages ends a script or a text in it."""
    answer = ask(face.app(**options), "GET", "/docs")
    assert b"</script><script>alert(1)" not in answer.body


@pytest.mark.row("DOC-03")
def test_doc_03_pages_need_nobody_else(face: Face):
    """The pages load what the application serves, under a policy that allows nothing else."""
    answer = face.get("/docs")
    if face.follows_fastapi("loads its scripts from a content delivery network"):
        assert b"cdn." in answer.body
        return
    policy = str(answer.header("content-security-policy"))
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert b"https://" not in answer.body.replace(b"https://github.com", b"")


@pytest.mark.row("DOC-04")
def test_doc_04_documents_are_turned_off_by_one_switch(face: Face):
    """Without `openapi_url` there is neither document nor page."""
    app = face.app(openapi_url=None)
    assert {ask(app, "GET", target).status for target in ("/openapi.json", "/docs", "/redoc")} == {404}


@pytest.mark.row("DOC-05")
def test_doc_05_document_keeps_secrets_and_is_always_the_same(face: Face):
    """What is not for the document is not in it, and its bytes are the same each time."""

    class Settings(BaseModel):
        key: SecretStr = SecretStr("hunter2")

    def make() -> bytes:
        app = face.app()
        app.get("/hidden", include_in_schema=False)(lambda: 1)

        @app.post("/settings")
        def put(settings: Settings):
            return 1

        return ask(app, "GET", "/openapi.json").body

    assert make() == make()
    assert b"hunter2" not in make()
    assert b"/hidden" not in make()
    assert __file__.encode() not in make()


@pytest.mark.row("DOC-06")
def test_doc_06_nothing_is_fetched(face: Face, monkeypatch: pytest.MonkeyPatch):
    """No address in the document is ever asked by the server."""
    import socket

    def refuse(*args: Any) -> None:
        raise AssertionError("somebody is asked")

    app = face.app(
        servers=[{"url": "http://169.254.169.254"}], openapi_external_docs={"url": "http://169.254.169.254/x"}
    )
    app.get("/", openapi_extra={"x": {"$ref": "http://169.254.169.254/y"}})(lambda: 1)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for target in ("/openapi.json", "/docs", "/"):
        assert ask(app, "GET", target).status == 200


@pytest.mark.row("ERR-01")
def test_err_01_faults_tell_nothing(face: Face):
    """A fault is a 500 with an id for the log, and with nothing of the exception."""
    answer = face.get("/fails")
    assert answer.status == 500
    assert b"postgres" not in answer.body
    assert b"RuntimeError" not in answer.body
    if face.follows_fastapi("answers in plain text, without an id"):
        assert answer.text == "Internal Server Error"
        return
    assert answer.header("content-type") == "application/problem+json"
    assert len(answer.json["request_id"]) >= 16
    assert set(answer.json) == {"type", "title", "status", "request_id"}


@pytest.mark.row("ERR-01")
def test_err_01_log_has_the_id(face: Face, caplog: pytest.LogCaptureFixture):
    """The log names the same id, and the line of the user's own code first."""
    face.native_only("FastAPI leaves the log to the server")
    with caplog.at_level(logging.ERROR, "rapide"):
        answer = face.get("/fails")
    (record,) = [each for each in caplog.records if each.name == "rapide.errors"]
    assert answer.json["request_id"] in record.getMessage()
    assert "catalogue_small_app.py" in record.getMessage()
    assert "fail" in record.getMessage()


@pytest.mark.row("ERR-02")
def test_err_02_debugging_is_for_this_machine(face: Face, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    """`rapide run` refuses an application with debug=True where other machines could reach it."""
    face.native_only("the command line is the same for both faces")
    from rapide.cli.discover import Target
    from rapide.cli.failures import StartupError
    from rapide.cli.worker import ServePlan, load_for_serving

    (tmp_path / "debugging_main.py").write_text("from rapide import Rapide\napp = Rapide(debug=True)\n")
    monkeypatch.syspath_prepend(tmp_path)
    target = Target("debugging_main", "app", str(tmp_path))
    with pytest.raises(StartupError):
        load_for_serving(ServePlan(target, development=False, host="0.0.0.0", port=1))
    load_for_serving(ServePlan(target, development=False, host="127.0.0.1", port=1))


@pytest.mark.row("ERR-03")
def test_err_03_debug_page_masks_secrets(face: Face):
    """The page for developers shows the fault, is escaped, and shows no value of a variable."""
    app = face.app(debug=True)
    secret = b"Zm9v"[::-1]

    @app.get("/")
    def fail():
        raise RuntimeError("<script>alert(1)</script>")

    answer = ask(
        app, "GET", "/", headers=[(b"accept", b"text/html"), (b"authorization", b"Bearer " + secret)]
    )
    assert answer.status == 500
    assert b"<script>alert(1)" not in answer.body
    assert secret not in answer.body


@pytest.mark.row("ERR-04")
def test_err_04_fault_while_a_fault_is_answered(face: Face):
    """A handler of errors that fails is a 500 again, without anything of either exception."""
    app = face.app()

    @app.exception_handler(KeyError)
    def handle(request: Any, exc: Any):
        raise RuntimeError("second secret")

    @app.get("/")
    def fail():
        raise KeyError("first secret")

    answer = ask(app, "GET", "/")
    assert (answer.status, b"secret" in answer.body) == (500, False)


@pytest.mark.row("ERR-05")
@pytest.mark.parametrize("colour", ["async", "sync"])
@pytest.mark.parametrize("kind", ["group", "stop", "generator_exit"])
def test_err_05_exceptions_of_other_kinds(face: Face, colour: str, kind: str):
    """An ExceptionGroup or a StopIteration of an endpoint is a 500, and the application goes on."""
    errors = {
        "group": ExceptionGroup("group", [ValueError("a"), KeyError("b")]),
        "stop": StopIteration("stop"),
        "generator_exit": ArithmeticError("x"),
    }
    app = face.app()
    if colour == "async":

        @app.get("/")
        async def fail():
            raise errors[kind]
    else:

        @app.get("/")
        def fail_sync():
            raise errors[kind]

    app.get("/fine")(lambda: 1)
    assert ask(app, "GET", "/").status == 500
    assert ask(app, "GET", "/fine").status == 200


@pytest.mark.row("LOG-01")
@pytest.mark.parametrize("logs", ["text", "json"])
def test_log_01_lines_stay_lines(face: Face, logs: str):
    """Line breaks and escape sequences of a client are escaped in every line of the log."""
    face.native_only("the logs of `rapide run` are the same for both faces")
    from rapide.cli.logs import make_log_config

    config = make_log_config(logs, "info", access=True)
    formatter = _formatter(config, config["loggers"]["uvicorn.access"]["handlers"][0])
    arguments = ("1.1.1.1:1", "GET", "/\n\x1b[31mroot\r", "1.1", 404)
    record = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 1, '%s - "%s %s HTTP/%s" %d', arguments, None
    )
    text = formatter.format(record)
    assert "\n" not in text
    assert "\r" not in text
    assert "\x1b[31mroot" not in text


def _formatter(config: dict[str, Any], handler: str) -> logging.Formatter:
    from importlib import import_module

    options = dict(config["formatters"][config["handlers"][handler]["formatter"]])
    options.update({"stream": io.StringIO()} if "stream" in options else {})
    factory = options.pop("()")
    if isinstance(factory, str):
        module, _, name = factory.rpartition(".")
        factory = getattr(import_module(module), name)
    return factory(**options)


@pytest.mark.row("LOG-02")
def test_log_02_errors_do_not_carry_secrets(face: Face):
    """A rejected secret is neither in the answer nor in the text of the exception, which logs get."""
    app = face.app()
    texts: list[str] = []

    @app.middleware("http")
    async def look(request, call_next):
        return await call_next(request)

    @app.exception_handler(face.part("exceptions").RequestValidationError)
    async def handle(request: Any, exc: Any):
        texts.append(str(exc))
        return face.part("responses").JSONResponse({}, 422)

    class Login(BaseModel):
        password: Annotated[int, "x"]
        token: int
        other: int

    @app.post("/")
    def take(login: Login):
        return 1

    body = json.dumps({"password": "hunter2", "token": "hunter2", "other": "seen"}).encode()
    assert ask(app, "POST", "/", body, content_type=JSON).status == 422
    assert "hunter2" not in texts[0]


@dataclass
class Plain:
    name: str
    password: str


@pytest.mark.row("DAT-01")
@pytest.mark.parametrize(
    ("declared", "result"),
    [
        (User, Account(name="a", password="hunter2")),
        (list[User], [Account(name="a", password="hunter2")]),
        (dict[str, User], {"a": Account(name="a", password="hunter2")}),
        (User | None, Account(name="a", password="hunter2")),
        (User | int, Account(name="a", password="hunter2")),
        (Team, Team(lead=Account(name="a", password="hunter2"))),
        (Page[User], Page[User](items=[Account(name="a", password="hunter2")])),
        (User, Plain("a", "hunter2")),
        (User, {"name": "a", "password": "hunter2"}),
    ],
)
def test_dat_01_only_what_is_declared_leaves(face: Face, declared: Any, result: Any):
    """A subclass where its base is declared loses what the base has not, wherever it is."""
    app = face.app()
    app.get("/", response_model=declared)(lambda: result)
    answer = ask(app, "GET", "/")
    assert answer.status == 200
    assert b"hunter2" not in answer.body
    assert b"password" not in answer.body


@pytest.mark.row("DAT-01")
def test_dat_01_streams_filter_too(face: Face):
    """Items of JSON Lines and of events lose it as well."""
    from collections.abc import AsyncIterable

    app = face.app()

    @app.get("/lines")
    async def read_lines() -> AsyncIterable[User]:
        yield Account(name="a", password="hunter2")

    @app.get("/events", response_class=face.part("sse").EventSourceResponse)
    async def read_events() -> AsyncIterable[User]:
        yield Account(name="a", password="hunter2")

    for target in ("/lines", "/events"):
        answer = ask(app, "GET", target)
        assert (answer.status, b"hunter2" in answer.body) == (200, False)


@pytest.mark.row("DAT-02")
def test_dat_02_results_that_break_their_type(face: Face):
    """A result that is not what was declared is a 500 without any of it."""
    app = face.app()
    app.get("/", response_model=User)(lambda: {"name": ["hunter2"]})
    answer = ask(app, "GET", "/")
    assert (answer.status, b"hunter2" in answer.body) == (500, False)


@pytest.mark.row("DAT-03")
def test_dat_03_undeclared_input(face: Face):
    """What a model does not declare is left out, or refused by its own switch."""
    from pydantic import ConfigDict

    class Strict(User):
        model_config = ConfigDict(extra="forbid")

    app = face.app()

    @app.post("/loose")
    def take(user: User):
        return user.model_dump()

    @app.post("/strict")
    def take_strict(user: Strict):
        return user.model_dump()

    body = b'{"name":"a","is_admin":true}'
    assert ask(app, "POST", "/loose", body, content_type=JSON).json == {"name": "a"}
    assert ask(app, "POST", "/strict", body, content_type=JSON).status == 422


@pytest.mark.row("DAT-04")
def test_dat_04_objects_with_attributes(face: Face):
    """Of an object that is declared as a model only the declared attributes are read."""

    class Row:
        name = "a"

        @property
        def orders(self) -> list[int]:
            raise AssertionError("a hidden query")

    app = face.app()
    app.get("/", response_model=User)(Row)
    assert ask(app, "GET", "/").json == {"name": "a"}


@pytest.mark.row("DAT-05")
@pytest.mark.parametrize("typed", [True, False])
def test_dat_05_secrets_in_results(face: Face, typed: bool):
    """A `SecretStr` in a result is masked, with a declared type and without."""

    class Settings(BaseModel):
        key: SecretStr = SecretStr("hunter2")

    app = face.app()
    app.get("/", **({"response_model": Settings} if typed else {}))(Settings)
    app.get("/plain")(lambda: {"key": SecretStr("hunter2")})
    for target in ("/", "/plain"):
        answer = ask(app, "GET", target)
        assert b"hunter2" not in answer.body
