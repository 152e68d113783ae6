"""Where a setting comes from: flag > environment > pyproject.toml > default.

`[tool.rapide]` holds settings for every command; `[tool.rapide.dev]` and `[tool.rapide.run]` hold what only
one of them shall use. Of `[tool.fastapi]`, only `entrypoint` is read, so that a project which moves over
needs no new file. A key that does not exist is an error: a misspelt limit must not be no limit.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_origin

from rapide.cli.failures import CommandError, UsageError
from rapide.cli.options import ApplicationSettings, CommandName, ServeSettings, SettingField, settings_of

__all__ = ["ProjectFile", "Resolved", "load_env_file", "read_project_file", "resolve_settings"]

SettingsT = TypeVar("SettingsT", bound=ApplicationSettings)

_PROJECT_FILE = "pyproject.toml"
_COMMAND_TABLES = ("dev", "run")
_OTHER_SPELLINGS = {"warn": "warning", "fatal": "critical"}  # LOG_LEVEL is set for other programs too


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What pyproject.toml says to the command line.

    Attributes:
        everywhere: `[tool.rapide]` without its tables, under field names.
        by_command: `[tool.rapide.dev]` and `[tool.rapide.run]`.
        fastapi_entrypoint: `entrypoint` of `[tool.fastapi]`.
        audit_allow: `allow` of `[tool.rapide.audit]`.
    """

    everywhere: Mapping[str, Any] = field(default_factory=dict)
    by_command: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fastapi_entrypoint: str | None = None
    audit_allow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved(Generic[SettingsT]):
    """Settings, and for each that is not a default the flag, variable or key that set it."""

    settings: SettingsT
    origins: Mapping[str, str]


def read_project_file(directory: Path) -> ProjectFile:
    """Read `pyproject.toml` of a directory.

    Args:
        directory: where it is looked for; parents are not searched.

    Returns:
        Its settings; empty ones when there is no such file.

    Raises:
        CommandError: the file is not TOML, or holds a key that does not exist.
    """
    path = directory / _PROJECT_FILE
    try:
        tools = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {})
    except FileNotFoundError:
        return ProjectFile()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise CommandError(f"{path} could not be read: {error}") from error
    own = tools.get("rapide", {})
    entrypoint = tools.get("fastapi", {}).get("entrypoint")
    audit_allow = _audit_allow(own.pop("audit", {}))
    tables = {name: own[name] for name in _COMMAND_TABLES if isinstance(own.get(name), dict)}
    return ProjectFile(
        everywhere=_known_keys({key: own[key] for key in own if key not in tables}, "tool.rapide"),
        by_command={name: _known_keys(tables[name], f"tool.rapide.{name}") for name in tables},
        fastapi_entrypoint=entrypoint if isinstance(entrypoint, str) else None,
        audit_allow=audit_allow,
    )


def _audit_allow(table: Any) -> tuple[str, ...]:
    allow = table.get("allow", []) if isinstance(table, dict) else None
    if (
        not isinstance(allow, list)
        or not all(isinstance(entry, str) for entry in allow)
        or set(table) - {"allow"}
    ):
        raise CommandError(
            f"{_PROJECT_FILE}: [tool.rapide.audit] has one key, `allow`, a list of texts.",
            remedy='For example: allow = ["GET /health", "WEBSOCKET /news", "MOUNT /static"]',
        )
    return tuple(allow)


def _known_keys(table: Mapping[str, Any], name: str) -> dict[str, Any]:
    keys = [setting.key for setting in settings_of(ServeSettings)]
    known: dict[str, Any] = {}
    for written, value in table.items():
        key = written.replace("_", "-")
        if key not in keys:
            close = difflib.get_close_matches(key, keys, n=1)
            remedy = f'Did you mean "{close[0]}"?' if close else f"Known keys: {', '.join(keys)}."
            raise CommandError(f'{_PROJECT_FILE}: [{name}] has no key "{written}".', remedy=remedy)
        known[key.replace("-", "_")] = value
    return known


def load_env_file(path: Path) -> None:
    """Set the environment variables of a `.env` file; variables that are set already keep their value.

    Raises:
        CommandError: the file does not exist, or python-dotenv is not installed.
    """
    if not path.is_file():
        raise CommandError(f"The environment file {path} does not exist.")
    try:
        import dotenv
    except ModuleNotFoundError:
        raise CommandError(
            "--env-file needs the package python-dotenv.", remedy='Install it: pip install "rapide[standard]"'
        ) from None
    dotenv.load_dotenv(path, override=False)


def resolve_settings(
    settings_class: type[SettingsT],
    command: CommandName,
    flags: Mapping[str, Any],
    *,
    directory: Path,
) -> Resolved[SettingsT]:
    """Fill a settings class from all sources, and load the environment file that they name.

    Args:
        settings_class: the class to fill.
        command: which command asks; it decides about defaults and tables.
        flags: what the command line said, by field name; None stands for "not said".
        directory: where pyproject.toml is looked for.

    Returns:
        The settings, validated, and where each came from.

    Raises:
        UsageError: a flag holds a value that is not allowed.
        CommandError: the environment or pyproject.toml does.
    """
    project = read_project_file(directory)
    sources = _Sources(command, flags, project)
    known = {setting.name: setting for setting in settings_of(settings_class)}
    # The file first: the variables in it count as environment for all other settings.
    env_file, origin = sources.find(known["env_file"])
    if env_file is not None:
        load_env_file(Path(_as_text(env_file, origin)))
    if "server" in known:
        sources.server = str(sources.find(known["server"])[0])
    found = {name: sources.find(setting) for name, setting in known.items()}
    return Resolved(
        _validate(settings_class, found), {name: origin for name, (_, origin) in found.items() if origin}
    )


@dataclass(slots=True)
class _Sources:
    command: CommandName
    flags: Mapping[str, Any]
    project: ProjectFile
    server: str = "none"  # until it is known, no server's own variables are read

    def find(self, setting: SettingField) -> tuple[Any, str]:
        """Return a field's value as it was written, and where it was written ("" for a default)."""
        if self.command not in setting.setting.commands:
            return setting.default, ""
        return next(self._written(setting), (setting.default_for(self.command), ""))

    def _written(self, setting: SettingField) -> Iterator[tuple[Any, str]]:
        """Give every value of a field with its place, the one that counts most first."""
        if self.flags.get(setting.name) is not None:
            yield self.flags[setting.name], setting.flag
        for variable in setting.variables_for(self.server):
            if os.environ.get(variable):
                yield _from_text(setting, os.environ[variable]), variable
        table = self.project.by_command.get(self.command, {})
        if setting.name in table:
            yield table[setting.name], f"[tool.rapide.{self.command}] {setting.key}"
        if setting.name in self.project.everywhere:
            yield self.project.everywhere[setting.name], f"[tool.rapide] {setting.key}"
        if setting.name == "entrypoint" and self.project.fastapi_entrypoint:
            yield self.project.fastapi_entrypoint, "[tool.fastapi] entrypoint"


def _from_text(setting: SettingField, text: str) -> Any:
    """A variable for a repeatable option separates like PATH does; names may be written in any case."""
    if get_origin(setting.type) is tuple:
        return text.split(os.pathsep)
    if get_origin(setting.type) is Literal:
        return _OTHER_SPELLINGS.get(text.lower(), text.lower())
    return text


def _as_text(value: object, origin: str) -> str:
    if isinstance(value, str | Path):
        return str(value)
    raise CommandError(f"{origin}: a path is expected, not {value!r}.")


def _validate(settings_class: type[SettingsT], found: Mapping[str, tuple[Any, str]]) -> SettingsT:
    from pydantic import TypeAdapter, ValidationError

    try:
        values = {name: value for name, (value, _) in found.items()}
        return TypeAdapter(settings_class).validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        value, origin = found[str(first["loc"][0])]
        message = f"{origin}: {first['msg']} (given: {value!r})."
        raise (UsageError if origin.startswith("--") else CommandError)(message) from None
