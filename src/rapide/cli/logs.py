"""Log lines of the server, the framework and this command: text for people, or one JSON object per line.

The loggers keep the names that tools know: `uvicorn`, `uvicorn.error`, `uvicorn.access`, `_granian`,
`granian.access`, `hypercorn.error`, `hypercorn.access`, `fastapi`, and `rapide` for ours. Access lines go to
stdout, all others to stderr. Records are never changed: filters that read `record.args` of `uvicorn.access`
keep working. What a query holds of keys, tokens and passwords is written in no line of a server.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
import logging
import logging.config
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapide._redaction import redact_target
from rapide.cli.failures import CommandError
from rapide.cli.options import LogFormat, LogLevel
from rapide.cli.yaml_text import parse_yaml

__all__ = ["JsonFormatter", "LineFormatter", "LogSettings", "configure_logging", "make_log_config"]

TRACE = 5  # Uvicorn's level below DEBUG
_LEVELS = {"critical": 50, "error": 40, "warning": 30, "info": 20, "debug": 10, "trace": TRACE}
_LEVEL_COLOURS = {"DEBUG": "36", "INFO": "32", "WARNING": "33", "ERROR": "31", "CRITICAL": "1;31"}
_STATUS_COLOURS = {2: "32", 3: "33", 4: "31", 5: "1;31"}

_PARSERS: dict[str, Callable[[str], object]] = {".json": json.loads, ".yaml": parse_yaml, ".yml": parse_yaml}

_DIAGNOSTIC_LOGGERS = ("uvicorn", "_granian", "hypercorn.error", "rapide", "fastapi")
_ACCESS_LOGGERS = ("uvicorn.access", "granian.access", "hypercorn.access")

_ACCESS_KEYS = {
    "granian.access": {"client": "addr", "method": "method", "path": "path", "status": "status"},
    "hypercorn.access": {"client": "h", "method": "m", "path": "Uq", "http_version": "H", "status": "s"},
}

# What a LogRecord always has, and what is there for terminals; everything else on it came in through `extra=`
# and belongs into the JSON object.
_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    *("message", "asctime", "color_message", "bullet", "taskName")
}


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What every serving process must know about its log lines.

    Attributes:
        log_format: "text" or "json".
        level: the least severe level that is written.
        access: write a line for every request.
        config_file: a logging configuration to use instead of the others.
    """

    log_format: LogFormat = "text"
    level: LogLevel = "info"
    access: bool = True
    config_file: str | None = None


def configure_logging(settings: LogSettings) -> dict[str, Any]:
    """Configure the loggers of this process, and return the configuration for servers that apply it again.

    Raises:
        CommandError: the configuration file cannot be used.
    """
    if settings.config_file is None:
        config = make_log_config(settings.log_format, settings.level, access=settings.access)
    else:
        config = _read_config_file(Path(settings.config_file))
    try:
        logging.config.dictConfig(config)
    except (ValueError, TypeError, AttributeError, ImportError) as error:
        raise CommandError(f"The logging configuration {settings.config_file} is wrong: {error}") from error
    if settings.log_format == "json":
        logging.captureWarnings(capture=True)
    return config


def _read_config_file(path: Path) -> dict[str, Any]:
    parse = _PARSERS.get(path.suffix)
    if parse is None:
        raise CommandError(f"The logging configuration {path} is neither .json nor .yaml.")
    try:
        content = parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"The logging configuration {path} could not be read: {error}") from error
    if not isinstance(content, dict):
        raise CommandError(f"The logging configuration {path} is not a mapping.")
    return content


def make_log_config(log_format: LogFormat, level: LogLevel, *, access: bool) -> dict[str, Any]:
    """Return the `logging.config.dictConfig` configuration of a serving process.

    Args:
        log_format: "text" or "json"; with "json", records of the application's own loggers are written too
            (as JSON), and warnings of the `warnings` module become records.
        level: the least severe level that is written.
        access: write a line for every request.

    Returns:
        A new dict.
    """
    formatter = JsonFormatter if log_format == "json" else LineFormatter
    number = _LEVELS[level]
    loggers: dict[str, Any] = {
        name: {"handlers": ["stderr"], "level": number, "propagate": False} for name in _DIAGNOSTIC_LOGGERS
    }
    loggers["uvicorn.error"] = {"level": number}
    for name in _ACCESS_LOGGERS:
        loggers[name] = {"handlers": ["stdout"] if access else [], "level": number, "propagate": False}
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "stderr": {"()": formatter, "stream": "ext://sys.stderr"},
            "stdout": {"()": formatter, "stream": "ext://sys.stdout"},
        },
        "handlers": {
            stream: {"class": "logging.StreamHandler", "formatter": stream, "stream": f"ext://sys.{stream}"}
            for stream in ("stderr", "stdout")
        },
        "loggers": loggers,
    }
    if log_format == "json":
        config["root"] = {"handlers": ["stderr"], "level": number}
        loggers["py.warnings"] = {"level": "WARNING"}
    return config


_SERVER_LOGGERS = ("uvicorn", "hypercorn", "granian", "_granian")


def _without_secrets(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record of a server with addresses that show no secrets; others as they are."""
    if not record.args or record.name.partition(".")[0] not in _SERVER_LOGGERS:
        return record
    changed = copy.copy(record)
    if isinstance(record.args, Mapping):
        arguments: Any = copy.copy(record.args)  # Hypercorn's mapping knows more than its keys
        arguments.update({name: _shown(value) for name, value in record.args.items()})
    else:
        arguments = tuple(map(_shown, record.args))
    changed.args = arguments
    return changed


def _shown(argument: object) -> object:
    return redact_target(argument) if isinstance(argument, str) and "?" in argument else argument


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class LineFormatter(logging.Formatter):
    """`LEVEL:    message`, as Uvicorn writes it; coloured on a terminal, unless NO_COLOR is set.

    Args:
        stream: the stream the lines go to; it decides about colour.
    """

    def __init__(self, stream: Any = None) -> None:
        super().__init__()
        self.coloured = _wants_colour(stream)
        self.on_terminal = stream is not None and stream.isatty()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one record, with its traceback."""
        return super().format(_without_secrets(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """Return the line of one record, without its traceback."""
        message = record.message
        if record.name.endswith(".access"):  # what a client has written is one line, and moves no cursor
            message = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", message)
        bullet = getattr(record, "bullet", None)
        if bullet and self.on_terminal:
            return f"  {bullet} {message}"
        prefix = f"{record.levelname}:"
        if self.coloured:
            message = _colour_status(record, message)
            padding = " " * (10 - len(prefix))
            return f"{_paint(prefix, _LEVEL_COLOURS.get(record.levelname, '0'))}{padding}{message}"
        return f"{prefix:<10}{message}"


def _wants_colour(stream: Any) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or bool(stream is not None and stream.isatty())


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"


def _colour_status(record: logging.LogRecord, message: str) -> str:
    status = str(_access_fields(record).get("status", ""))
    if not status.isdecimal() or not message.endswith(status):
        return message
    return message.removesuffix(status) + _paint(status, _STATUS_COLOURS.get(int(status) // 100, "0"))


def _access_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return the parts of an access record: five arguments from Uvicorn, one mapping from the others."""
    arguments = record.args
    if record.name == "uvicorn.access" and isinstance(arguments, tuple) and len(arguments) == 5:
        client, method, path, http_version, status = arguments
        return {
            "client": client,
            "method": method,
            "path": path,
            "http_version": http_version,
            "status": status,
        }
    names = _ACCESS_KEYS.get(record.name)
    if names is None or not isinstance(arguments, Mapping):
        return {}
    found: dict[str, Any] = {name: arguments[key] for name, key in names.items() if key in arguments}
    if str(found.get("status", "")).isdecimal():  # Hypercorn's is text
        found["status"] = int(found["status"])
    return found


class JsonFormatter(logging.Formatter):
    """One JSON object per record.

    Always: `timestamp` (RFC 3339, UTC), `level`, `logger`, `message`. For requests: `client`, `method`,
    `path`, `http_version`, `status`. With an exception: `exception`, the traceback as text. Everything that
    was passed as `extra=` keeps its name; values JSON cannot hold become their `str()`.

    Args:
        stream: the stream the lines go to; it makes no difference to JSON.
    """

    def __init__(self, stream: Any = None) -> None:
        super().__init__()

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON text of one record, without a line break in it."""
        record = _without_secrets(record)
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC)
        entry: dict[str, Any] = {
            "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_access_fields(record),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD_FIELDS:
                entry.setdefault(name, value)
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            entry["stack"] = self.formatStack(record.stack_info)
        try:
            return json.dumps(entry, default=str, allow_nan=False)
        except ValueError:  # NaN, or a value that holds itself: still one readable line
            return json.dumps({name: str(value) for name, value in entry.items()})
