"""Flag before environment before pyproject.toml before default."""

import os
from pathlib import Path

import pytest

from rapide.cli.configuration import read_project_file, resolve_settings
from rapide.cli.failures import CommandError, UsageError
from rapide.cli.options import ApplicationSettings, ServeSettings, settings_of


def _resolve(command="run", **flags):
    return resolve_settings(ServeSettings, command, flags, directory=Path.cwd())


def test_settings_are_those_of_production_when_nobody_says_anything(project):
    """`run` listens everywhere and does not restart; `dev` listens here and restarts."""
    run, dev = _resolve("run").settings, _resolve("dev").settings
    assert (run.host, run.port, run.reload, run.workers) == ("0.0.0.0", 8000, False, None)
    assert (dev.host, dev.port, dev.reload) == ("127.0.0.1", 8000, True)
    assert (run.timeout_graceful_shutdown, dev.timeout_graceful_shutdown) == (25, 3)
    assert (run.proxy_headers, run.server_header, run.allow_debug) == (True, False, False)
    assert not _resolve("run").origins


def test_settings_come_from_the_flag_then_the_environment_then_the_file(project, monkeypatch):
    """Each source is taken away in turn, and the next one counts."""
    project.write("pyproject.toml", "[tool.rapide]\nport = 1\n[tool.rapide.run]\nport = 2\n")
    monkeypatch.setenv("UVICORN_PORT", "3")
    monkeypatch.setenv("PORT", "4")
    monkeypatch.setenv("RAPIDE_PORT", "5")
    found = [_resolve(port=6)]
    for variable in ("RAPIDE_PORT", "PORT", "UVICORN_PORT"):
        found.append(_resolve())
        monkeypatch.delenv(variable)
    found += [_resolve(), _resolve("dev")]
    assert [resolved.settings.port for resolved in found] == [6, 5, 4, 3, 2, 1]
    assert [resolved.origins["port"] for resolved in found] == [
        "--port", "RAPIDE_PORT", "PORT", "UVICORN_PORT", "[tool.rapide.run] port", "[tool.rapide] port",
    ]  # fmt: skip


def test_false_on_the_command_line_outweighs_true_elsewhere(project, monkeypatch):
    """`--no-reload` is an answer, not the absence of one."""
    monkeypatch.setenv("RAPIDE_RELOAD", "true")
    assert _resolve("run").settings.reload is True
    assert _resolve("run", reload=False).settings.reload is False


def test_an_empty_variable_counts_as_absent(project, monkeypatch):
    """Container platforms set variables to nothing instead of leaving them out."""
    monkeypatch.setenv("PORT", "")
    assert _resolve().settings.port == 8000


@pytest.mark.parametrize(
    ("variable", "value", "name", "expected"),
    [
        ("WEB_CONCURRENCY", "3", "workers", 3),
        ("FORWARDED_ALLOW_IPS", "10.0.0.0/8", "forwarded_allow_ips", "10.0.0.0/8"),
        ("LOG_LEVEL", "WARN", "log_level", "warning"),
        ("LOG_LEVEL", "Debug", "log_level", "debug"),
        ("UVICORN_APP", "main:app", "entrypoint", "main:app"),
        ("UVICORN_TIMEOUT_KEEP_ALIVE", "7", "timeout_keep_alive", 7),
        ("RAPIDE_LOG_FORMAT", "JSON", "log_format", "json"),
    ],
)
def test_settings_are_read_from_the_variables_that_platforms_set(
    project, monkeypatch, variable, value, name, expected
):
    """PORT, WEB_CONCURRENCY, FORWARDED_ALLOW_IPS, LOG_LEVEL and Uvicorn's own names are known."""
    monkeypatch.setenv(variable, value)
    resolved = _resolve()
    assert getattr(resolved.settings, name) == expected
    assert resolved.origins[name] == variable


def test_a_variable_for_a_repeatable_option_separates_like_path_does(project, monkeypatch):
    """RAPIDE_RELOAD_DIR=src:lib stands for two directories."""
    monkeypatch.setenv("RAPIDE_RELOAD_DIR", os.pathsep.join(["src", "lib"]))
    assert _resolve("dev").settings.reload_dir == (Path("src"), Path("lib"))


def test_variables_of_uvicorn_are_left_alone_when_another_server_serves(project, monkeypatch):
    """UVICORN_PORT was not written for Granian."""
    monkeypatch.setenv("UVICORN_PORT", "9")
    assert _resolve(server="granian").settings.port == 8000
    monkeypatch.setenv("RAPIDE_SERVER", "hypercorn")
    assert _resolve().settings.port == 8000


def test_settings_of_run_are_no_settings_of_dev(project, monkeypatch):
    """Workers in the file or the environment are for production; `dev` serves with one process."""
    project.write("pyproject.toml", '[tool.rapide]\nserver = "granian"\n')
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert (_resolve("dev").settings.workers, _resolve("dev").settings.server) == (None, "uvicorn")
    assert (_resolve("run").settings.workers, _resolve("run").settings.server) == (4, "granian")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (
            '[tool.rapide]\nentrypoint = "a:b"\n[tool.fastapi]\nentrypoint = "c:d"\n',
            "[tool.rapide] entrypoint",
        ),
        ('[tool.fastapi]\nentrypoint = "a:b"\nother = 1\n', "[tool.fastapi] entrypoint"),
    ],
)
def test_the_entry_point_of_fastapi_counts_when_there_is_none_of_rapide(project, text, origin):
    """A project that moves over keeps its file, and other keys of that table are none of our business."""
    project.write("pyproject.toml", text)
    resolved = resolve_settings(ApplicationSettings, "inspect", {}, directory=project.folder)
    assert (resolved.settings.entrypoint, resolved.origins["entrypoint"]) == ("a:b", origin)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.rapide]\nworker = 3\n", 'Did you mean "workers"?'),
        ("[tool.rapide.run]\nlog_formt = 'json'\n", 'Did you mean "log-format"?'),
        ("[tool.rapide.rnu]\nport = 1\n", 'no key "rnu"'),
        ("[tool.rapide]\nzzz = 3\n", "Known keys: entrypoint"),
        ("[tool.rapide\n", "could not be read"),
    ],
)
def test_a_file_with_a_mistake_is_refused(project, text, said):
    """A misspelt limit must not be no limit."""
    project.write("pyproject.toml", text)
    with pytest.raises(CommandError) as caught:
        read_project_file(project.folder)
    assert said in caught.value.text()


def test_keys_of_the_file_may_be_written_with_underscores(project):
    """log_format and log-format are the same key."""
    project.write("pyproject.toml", "[tool.rapide]\nlog_format = 'json'\nlimit-concurrency = 5\n")
    settings = _resolve().settings
    assert (settings.log_format, settings.limit_concurrency) == ("json", 5)


@pytest.mark.parametrize(
    ("flags", "variables", "text", "kind", "said"),
    [
        ({"port": 70000}, {}, "", UsageError, "--port: "),
        ({}, {"PORT": "eighty"}, "", CommandError, "PORT: "),
        ({}, {}, "workers = 0", CommandError, "[tool.rapide] workers: "),
        ({}, {}, "log-format = 'xml'", CommandError, "[tool.rapide] log-format: "),
        ({}, {}, "reload = 'perhaps'", CommandError, "[tool.rapide] reload: "),
        ({}, {}, "env-file = 3", CommandError, "[tool.rapide] env-file: "),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_its_place(
    project, monkeypatch, flags, variables, text, kind, said
):
    """Whoever reads the message must know which of the sources to correct."""
    project.write("pyproject.toml", f"[tool.rapide]\n{text}\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError) as caught:
        _resolve(**flags)
    assert type(caught.value) is kind
    assert caught.value.message.startswith(said)


def test_the_environment_file_fills_what_is_not_set(project, monkeypatch):
    """Variables that are set already win, and the file's variables are settings as well."""
    project.write("production.env", "PORT=81\nGREETING=file\nCOLOUR=file\n")
    monkeypatch.setenv("COLOUR", "set")
    assert _resolve(env_file="production.env").settings.port == 81
    assert (os.environ["GREETING"], os.environ["COLOUR"]) == ("file", "set")


def test_the_environment_file_may_be_named_in_the_file(project):
    """`env-file` is a setting like the others."""
    project.write("pyproject.toml", "[tool.rapide]\nenv-file = 'local.env'\n")
    project.write("local.env", "RAPIDE_ROOT_PATH=/api\n")
    assert _resolve("dev").settings.root_path == "/api"


def test_an_environment_file_that_is_missing_is_an_error(project):
    """Starting without the file would start with the wrong settings."""
    with pytest.raises(CommandError, match=r"missing\.env does not exist"):
        _resolve(env_file="missing.env")


def test_every_setting_says_what_it_is_for():
    """`--help` shows a sentence for each, and no variable sets two of them."""
    settings = settings_of(ServeSettings)
    assert all(len(setting.setting.help) > 20 for setting in settings)
    variables = [variable for setting in settings for variable in setting.variables_for("uvicorn")]
    assert len(variables) == len(set(variables))
