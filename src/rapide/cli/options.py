"""Every setting of `rapide dev` and `rapide run`, written once.

A field below is the option on the command line (`--log-format`), the environment variable
(`RAPIDE_LOG_FORMAT`) and the key in pyproject.toml (`log-format` in `[tool.rapide]`). `configuration.py`
fills the classes in; nobody else reads a source of settings.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

from annotated_types import Ge, Le

__all__ = [
    "ApplicationSettings",
    "CommandName",
    "LogFormat",
    "LogLevel",
    "ServeSettings",
    "ServerName",
    "Setting",
    "SettingField",
    "settings_of",
]

CommandName = Literal["dev", "run", "inspect"]
ServerName = Literal["uvicorn", "granian", "hypercorn"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["critical", "error", "warning", "info", "debug", "trace"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a settings field needs besides its type and its default.

    Attributes:
        help: one or two sentences for `--help`.
        panel: the heading under which `--help` shows it.
        dev: the default under `rapide dev` where it differs, else None.
        environment: variables that other tools use for the same thing; `RAPIDE_<NAME>` always comes first.
        flags: how the option is written when it is not just `--<name>`.
        commands: where the option exists.
    """

    help: str
    panel: str = "Server"
    dev: object = None
    environment: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    commands: frozenset[CommandName] = frozenset({"dev", "run"})


_EVERYWHERE: frozenset[CommandName] = frozenset({"dev", "run", "inspect"})
_DEV: frozenset[CommandName] = frozenset({"dev"})
_RUN: frozenset[CommandName] = frozenset({"run"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationSettings:
    """Which application, and what must be true before it is imported."""

    entrypoint: Annotated[
        str | None,
        Setting(
            "The application as module:object, for example shop.main:app. Excludes PATH and --app.",
            "Application",
            environment=("UVICORN_APP",),
            flags=("--entrypoint", "-e"),
            commands=_EVERYWHERE,
        ),
    ] = None
    factory: Annotated[
        bool,
        Setting(
            "The object is a function without parameters that returns the application.",
            "Application",
            commands=_EVERYWHERE,
        ),
    ] = False
    env_file: Annotated[
        Path | None,
        Setting(
            "Read environment variables from this file; variables that are set already win.",
            "Application",
            commands=_EVERYWHERE,
        ),
    ] = None
    alias_fastapi: Annotated[
        bool,
        Setting(
            "Let `import fastapi` give rapide.fastapi, for applications with packages that import FastAPI.",
            "Application",
            commands=_EVERYWHERE,
        ),
    ] = False
    verbose: Annotated[
        bool,
        Setting(
            "Say how the application was found; whole tracebacks; debug logs.",
            "Application",
            flags=("--verbose/--no-verbose", "-v"),
            commands=_EVERYWHERE,
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings(ApplicationSettings):
    """How an application is served."""

    host: Annotated[
        str,
        Setting(
            "The address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 every interface.",
            dev="127.0.0.1",
        ),
    ] = "0.0.0.0"  # noqa: S104 - `run` is for containers; `dev` has its own default
    port: Annotated[
        int, Ge(0), Le(65535), Setting("The port to listen on; 0 takes a free one.", environment=("PORT",))
    ] = 8000
    uds: Annotated[
        Path | None, Setting("Listen on this Unix domain socket instead of a port.", commands=_RUN)
    ] = None
    server: Annotated[
        ServerName, Setting("The server; all but uvicorn are installed separately.", commands=_RUN)
    ] = "uvicorn"
    workers: Annotated[
        int | None,
        Ge(1),
        Setting("Processes that serve. Excludes --reload.", environment=("WEB_CONCURRENCY",), commands=_RUN),
    ] = None
    root_path: Annotated[
        str, Setting("The path under which a proxy in front shows the application, for example /api/v1.")
    ] = ""
    proxy_headers: Annotated[
        bool, Setting("Believe X-Forwarded-For and X-Forwarded-Proto when a trusted proxy sends them.")
    ] = True
    forwarded_allow_ips: Annotated[
        str | None,
        Setting(
            "Addresses and networks of trusted proxies, separated by commas. Default: 127.0.0.1,::1. "
            "* trusts everybody, which is only safe where nobody but the proxy can connect.",
            environment=("FORWARDED_ALLOW_IPS",),
        ),
    ] = None
    server_header: Annotated[bool, Setting("Name the server in every response.")] = False
    allow_debug: Annotated[
        bool,
        Setting(
            "Serve an application with debug=True to other machines, although it shows its source.",
            commands=_RUN,
        ),
    ] = False

    ssl_certfile: Annotated[Path | None, Setting("Certificate file; the server speaks HTTPS.", "TLS")] = None
    ssl_keyfile: Annotated[
        Path | None, Setting("Private key file, when it is not in the certificate file.", "TLS")
    ] = None

    reload: Annotated[
        bool,
        Setting(
            "Restart when a file changes that the application uses. For development.", "Reload", dev=True
        ),
    ] = False
    reload_dir: Annotated[
        tuple[Path, ...],
        Setting("Watch this directory instead of the current one. May be repeated.", "Reload", commands=_DEV),
    ] = ()
    reload_include: Annotated[
        tuple[str, ...],
        Setting(
            "Restart for these files too, for example '*.html'. May be repeated.", "Reload", commands=_DEV
        ),
    ] = ()

    timeout_keep_alive: Annotated[
        int, Ge(0), Setting("Seconds after which an idle connection is closed.", "Limits")
    ] = 5
    timeout_graceful_shutdown: Annotated[
        int,
        Ge(0),
        Setting(
            "Seconds that requests get to finish after SIGTERM; then they are cancelled. shutdown_grace= of"
            " the application may be shorter.",
            "Limits",
            dev=3,
        ),
    ] = 25
    shutdown_delay: Annotated[
        int,
        Ge(0),
        Setting(
            "Seconds for which everything is served after SIGTERM, but /readyz answers 503: load balancers"
            " need a while until they send nothing more.",
            "Limits",
            commands=_RUN,
        ),
    ] = 0
    limit_concurrency: Annotated[
        int | None, Ge(1), Setting("Connections and tasks at a time; beyond it clients get 503.", "Limits")
    ] = None
    limit_header_size: Annotated[
        int, Ge(1024), Setting("Bytes that path and headers of a request may have; beyond it: 431.", "Limits")
    ] = 65_536
    limit_header_count: Annotated[
        int, Ge(1), Setting("Headers that a request may have; beyond it: 431.", "Limits")
    ] = 100
    timeout_header: Annotated[
        int, Ge(0), Setting("Seconds that a client may take to send its headers; 0 for no limit.", "Limits")
    ] = 10
    limit_max_requests: Annotated[
        int | None,
        Ge(1),
        Setting("Requests after which a worker process is replaced.", "Limits", commands=_RUN),
    ] = None
    limit_max_requests_jitter: Annotated[
        int,
        Ge(0),
        Setting(
            "Random addition to --limit-max-requests, so that workers take turns.", "Limits", commands=_RUN
        ),
    ] = 0
    backlog: Annotated[
        int, Ge(1), Setting("Connections that may wait to be accepted.", "Limits", commands=_RUN)
    ] = 2048

    log_format: Annotated[LogFormat, Setting("Log lines for people or one JSON object per line.", "Logs")] = (
        "text"
    )
    log_level: Annotated[
        LogLevel, Setting("The least severe lines that are written.", "Logs", environment=("LOG_LEVEL",))
    ] = "info"
    log_config: Annotated[
        Path | None, Setting("A logging configuration file (.json, .yaml) instead of --log-format.", "Logs")
    ] = None
    report_blocking: Annotated[
        int | None,
        Ge(1),
        Setting(
            "Milliseconds after which whatever blocks the event loop is logged, with its stack.",
            "Logs",
            dev=200,
        ),
    ] = None
    access_log: Annotated[bool, Setting("Write a line for every request.", "Logs")] = True


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field of a settings class, as the readers of this module need it.

    Attributes:
        name: the field's name.
        type: its type without `Annotated`.
        setting: its help text and sources.
        default: its default outside `rapide dev`.
    """

    name: str
    type: Any
    setting: Setting
    default: object

    @property
    def flag(self) -> str:
        """The option as it is written on the command line."""
        return self.setting.flags[0].partition("/")[0] if self.setting.flags else "--" + self.key

    @property
    def key(self) -> str:
        """The key in pyproject.toml."""
        return self.name.replace("_", "-")

    def default_for(self, command: CommandName) -> object:
        """Return the default under a command."""
        return self.setting.dev if command == "dev" and self.setting.dev is not None else self.default

    def variables_for(self, server: str) -> tuple[str, ...]:
        """Return the environment variables that set this field when `server` serves, first wins."""
        own = (f"RAPIDE_{self.name.upper()}", *self.setting.environment)
        if server != "uvicorn" or self.name in _NOT_UVICORN:
            return own
        return (*own, f"UVICORN_{self.name.upper()}")


# Uvicorn's own command reads UVICORN_<NAME> for each of its options. These fields are not options of it, or
# it means something else by the name.
_NOT_UVICORN = frozenset(
    {
        "entrypoint",
        "alias_fastapi",
        "verbose",
        "server",
        "allow_debug",
        "log_format",
        "report_blocking",
        "shutdown_delay",
    }
)


def settings_of(settings_class: type[ApplicationSettings]) -> tuple[SettingField, ...]:
    """Return the fields of a settings class in their order."""
    hints = get_type_hints(settings_class, include_extras=True)
    found: list[SettingField] = []
    for declared in fields(settings_class):
        annotated = hints[declared.name]
        setting = next(item for item in annotated.__metadata__ if isinstance(item, Setting))
        found.append(SettingField(declared.name, annotated.__origin__, setting, declared.default))
    return tuple(found)
