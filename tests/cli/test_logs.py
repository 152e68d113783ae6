"""Log lines as text and as JSON."""

import io
import json
import logging
import sys

import pytest

from rapide.cli.failures import CommandError
from rapide.cli.logs import JsonFormatter, LineFormatter, LogSettings, configure_logging, make_log_config


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def _record(name="rapide", level=logging.INFO, message="Ready", arguments=(), **extra):
    record = logging.LogRecord(name, level, __file__, 1, message, arguments, None)
    vars(record).update(extra)
    return record


_UVICORN = _record(
    "uvicorn.access",
    message='%s - "%s %s HTTP/%s" %d',
    arguments=("127.0.0.1:5", "GET", "/a?b=1", "1.1", 404),
)
_HYPERCORN = _record(
    "hypercorn.access",
    message='%(h)s - "%(m)s %(Uq)s HTTP/%(H)s" %(s)s',
    arguments=({"h": "127.0.0.1:5", "m": "GET", "Uq": "/a?b=1", "H": "2", "s": "404"},),
)
_GRANIAN = _record(
    "granian.access",
    message='%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d',
    arguments=({"addr": "127.0.0.1", "method": "GET", "path": "/a", "protocol": "HTTP/1.1", "status": 404},),
)


@pytest.fixture(autouse=True)
def _no_colour_wishes(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def test_lines_are_plain_when_nobody_watches():
    """A file or a pipe gets Uvicorn's familiar lines, without colours and bullets."""
    lines = LineFormatter(io.StringIO())
    assert lines.format(_record(bullet="x")) == "INFO:     Ready"
    assert lines.format(_record(level=logging.CRITICAL)) == "CRITICAL: Ready"
    assert lines.format(_UVICORN) == 'INFO:     127.0.0.1:5 - "GET /a?b=1 HTTP/1.1" 404'


def test_lines_are_coloured_on_a_terminal():
    """Level and status carry the colour; announcements carry their bullet."""
    lines = LineFormatter(_Terminal())
    assert lines.format(_record(level=logging.ERROR)) == "\x1b[31mERROR:\x1b[0m    Ready"
    assert lines.format(_record(bullet="*")) == "  * Ready"
    assert lines.format(_UVICORN).endswith('HTTP/1.1" \x1b[31m404\x1b[0m')


def test_lines_obey_the_wishes_about_colour(monkeypatch):
    """NO_COLOR wins over a terminal and over FORCE_COLOR; FORCE_COLOR colours a pipe."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in LineFormatter(io.StringIO()).format(_record())
    monkeypatch.setenv("NO_COLOR", "1")
    assert LineFormatter(_Terminal()).format(_record()) == "INFO:     Ready"


def test_json_has_the_fields_that_log_collectors_read():
    """One object per record: moment in UTC, level, logger, message, and what was passed along."""
    record = _record(message="Paid %s", arguments=(3,), request_id="r-1", amount=object)
    record.created = 0.25
    entry = json.loads(JsonFormatter().format(record))
    assert entry == {
        "timestamp": "1970-01-01T00:00:00.250Z",
        "level": "info",
        "logger": "rapide",
        "message": "Paid 3",
        "request_id": "r-1",
        "amount": "<class 'object'>",
    }


@pytest.mark.parametrize("record", [_UVICORN, _HYPERCORN, _GRANIAN], ids=lambda record: record.name)
def test_json_takes_access_records_apart(record):
    """Client, method, path and status are fields, whichever server wrote the record."""
    entry = json.loads(JsonFormatter().format(record))
    assert (entry["method"], entry["status"]) == ("GET", 404)
    assert entry["path"].startswith("/a")
    assert entry["client"].startswith("127.0.0.1")


def test_formatting_leaves_the_record_as_it_was():
    """Filters that read the arguments of uvicorn.access run before or after us; both must see Uvicorn's."""
    before = dict(vars(_UVICORN))
    JsonFormatter().format(_UVICORN)
    assert {**before, "message": None} == {**vars(_UVICORN), "message": None}


def test_json_is_one_line_whatever_happened():
    """A traceback, a NaN and a value that holds itself still give one line that parses."""
    circle: list[object] = []
    circle.append(circle)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = _record(level=logging.ERROR, number=float("nan"), circle=circle)
        record.exc_info = sys.exc_info()
        record.stack_info = "Stack\nof lines"
    text = JsonFormatter().format(record)
    assert "\n" not in text
    entry = json.loads(text)
    assert "ValueError: two\nlines" in entry["exception"]
    assert (entry["number"], entry["stack"]) == ("nan", "Stack\nof lines")


def test_text_leaves_the_loggers_of_the_application_alone():
    """An application that configures logging itself keeps its configuration."""
    config = make_log_config("text", "info", access=True)
    assert "root" not in config
    assert not config["disable_existing_loggers"]
    assert config["loggers"]["uvicorn.access"]["handlers"] == ["stdout"]
    assert config["loggers"]["rapide"]["handlers"] == ["stderr"]


def test_json_covers_the_loggers_of_the_application():
    """One plain line among JSON lines breaks whoever reads them."""
    assert make_log_config("json", "warning", access=True)["root"] == {"handlers": ["stderr"], "level": 30}


def test_no_access_lines_are_written_when_they_are_not_wanted():
    """Without handlers, Uvicorn does not even make the record."""
    loggers = make_log_config("text", "info", access=False)["loggers"]
    assert all(not loggers[f"{server}.access"]["handlers"] for server in ("uvicorn", "granian", "hypercorn"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("log.ini", "[loggers]", "neither .json nor .yaml"),
        ("log.json", "{", "could not be read"),
        ("log.yaml", "a: [", "could not be read"),
        ("log.yml", "- 1", "is not a mapping"),
        ("missing.json", None, "could not be read"),
        ("log.json", '{"version": 1, "handlers": {"h": {"class": "nowhere.Handler"}}}', "is wrong"),
    ],
)
def test_a_wrong_configuration_file_is_refused(project, name, text, said):
    """Each mistake is named, with the file."""
    if text is not None:
        project.write(name, text)
    with pytest.raises(CommandError) as caught:
        configure_logging(LogSettings(config_file=name))
    assert name in caught.value.message
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("name", "text"),
    [("log.json", '{"version": 1, "incremental": true}'), ("log.yaml", "version: 1\nincremental: true\n")],
)
def test_a_configuration_file_replaces_the_configuration(project, name, text):
    """The file is used as it is, and handed to the server as it is."""
    project.write(name, text)
    assert configure_logging(LogSettings(config_file=name)) == {"version": 1, "incremental": True}


_SECRETS = "/a?b=1&api_key=hunter2&access_token=hunter2"


@pytest.mark.row("LOG-02", "AUT-09")
@pytest.mark.parametrize(
    ("name", "message", "arguments"),
    [
        ("uvicorn.access", '%s - "%s %s HTTP/%s" %d', ("127.0.0.1:5", "GET", _SECRETS, "1.1", 200)),
        ("uvicorn.error", '%s - "WebSocket %s" [accepted]', ("127.0.0.1:5", _SECRETS)),
        (
            "hypercorn.access",
            '%(h)s - "%(m)s %(Uq)s HTTP/%(H)s" %(s)s',
            ({"h": "127.0.0.1:5", "m": "GET", "Uq": _SECRETS, "H": "2", "s": "200"},),
        ),
        (
            "granian.access",
            '%(addr)s - "%(method)s %(path)s %(protocol)s" %(status)d',
            ({"addr": "1", "method": "GET", "path": _SECRETS, "protocol": "HTTP/1.1", "status": 200},),
        ),
    ],
    ids=["uvicorn", "uvicorn-websocket", "hypercorn", "granian"],
)
def test_log_02_lines_of_servers_show_no_secrets(name, message, arguments):
    """LOG-02, AUT-09: keys and tokens of a query are in no line; the record itself stays as it was."""
    record = _record(name, message=message, arguments=arguments)
    before = record.getMessage()
    for formatter in (LineFormatter(io.StringIO()), LineFormatter(_Terminal()), JsonFormatter()):
        text = formatter.format(record)
        assert "hunter2" not in text
        assert "/a?b=1&api_key=REDACTED&access_token=REDACTED" in text
    assert record.getMessage() == before


def test_log_lines_of_the_application_are_its_own():
    """What the application logs is not ours to change."""
    record = _record("shop", message="Fetched %s", arguments=(_SECRETS,))
    assert LineFormatter(io.StringIO()).format(record).endswith(_SECRETS)
