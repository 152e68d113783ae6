"""The command itself: arguments, help, exit codes, and where output goes."""

import json
import runpy
import subprocess
import sys
import textwrap

import pytest

import rapide
from rapide.cli import INSTALL_ADVICE, main
from rapide.cli.commands import cli
from rapide.cli.options import ServeSettings, settings_of

_COMMANDS = ["dev", "run", "routes", "openapi", "explain", "explain-error", "check"]
# Section 21 of the surface document: what `fastapi dev` and `fastapi run` know.
_BOTH = (
    *("--host", "--port", "--root-path", "--app", "--entrypoint", "-e", "--forwarded-allow-ips", "-v"),
    *("--reload", "--no-reload", "--proxy-headers", "--no-proxy-headers", "--verbose", "--no-verbose"),
)
_FASTAPI_OPTIONS = {"dev": [*_BOTH, "--reload-dir"], "run": [*_BOTH, "--workers"]}


def _options(command):
    import typer.main

    group = typer.main.get_command(cli)
    found = group.commands[command].params
    return {flag for parameter in found for flag in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("command", ["dev", "run"])
def test_serving_commands_know_every_option_of_fastapi(command):
    """A start script that moves over changes one word."""
    assert set(_FASTAPI_OPTIONS[command]) <= _options(command)


@pytest.mark.parametrize("command", ["dev", "run"])
def test_serving_commands_have_a_flag_for_every_setting(command):
    """What the file can say, the command line can say."""
    wanted = {setting.flag for setting in settings_of(ServeSettings) if command in setting.setting.commands}
    assert wanted <= _options(command)


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_every_command(rapide_command, flag):
    """Both spellings work, and exit with 0."""
    outcome = rapide_command(flag)
    assert outcome.code == 0
    assert all(command in outcome.out for command in _COMMANDS)


@pytest.mark.parametrize("command", _COMMANDS)
def test_help_of_a_command_says_what_it_does(rapide_command, command):
    """-h works below the top level too."""
    outcome = rapide_command(command, "-h")
    assert outcome.code == 0
    assert f"rapide {command}" in outcome.out


def test_help_shows_defaults_and_variables(rapide_command, monkeypatch):
    """Whoever reads the help need not read the code."""
    monkeypatch.setenv("COLUMNS", "200")
    assert "[default: 8000; env: PORT]" in rapide_command("run", "-h").out
    assert "[default: 127.0.0.1]" in rapide_command("dev", "-h").out


def test_version_prints_the_version(rapide_command):
    """The number is the package's."""
    outcome = rapide_command("--version")
    assert (outcome.code, outcome.out) == (0, f"Rapide {rapide.__version__}\n")


@pytest.mark.parametrize(
    "arguments", [["unknown"], ["run", "--unknown"], ["run", "--port", "x"], ["explain", "GET"]]
)
def test_wrong_usage_exits_with_2(rapide_command, arguments):
    """The message goes to stderr, stdout stays clean."""
    outcome = rapide_command(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err


def test_options_that_exclude_each_other_exit_with_2(rapide_command, project):
    """Two flags that contradict each other are wrong usage."""
    project.write_api()
    outcome = rapide_command("run", "--reload", "--workers", "2")
    assert outcome.code == 2
    assert "--reload and --workers exclude each other." in outcome.err


@pytest.mark.parametrize("more", [["main.py"], ["--app", "app"]])
def test_an_entry_point_excludes_path_and_app(rapide_command, project, more):
    """Mixing them exits with 1, as it does in FastAPI's command."""
    project.write_api()
    outcome = rapide_command("routes", "-e", "main:app", *more)
    assert (outcome.code, outcome.out) == (1, "")
    assert "--entrypoint cannot be used together with PATH or --app." in outcome.err


def test_a_path_outweighs_the_entry_point_of_the_file(rapide_command, project):
    """What the command line names counts, also against pyproject.toml and the environment."""
    project.write_api("main.py", 'app = Api(routes=[Route("/main", items)])\n')
    project.write_api("other.py", 'app = Api(routes=[Route("/other", items)])\n')
    project.write("pyproject.toml", '[tool.rapide]\nentrypoint = "main:app"\n')
    assert "/main" in rapide_command("routes").out
    assert "/other" in rapide_command("routes", "other.py").out


def test_the_factory_of_the_file_belongs_to_its_entry_point(rapide_command, project):
    """A path is not the factory that pyproject.toml speaks of, unless --factory says that it is one."""
    project.write_api("main.py", 'def make():\n    return Api(routes=[Route("/main", items)])\n')
    project.write_api("other.py", 'app = Api(routes=[Route("/other", items)])\n')
    project.write("pyproject.toml", '[tool.rapide]\nentrypoint = "main:make"\nfactory = true\n')
    assert "/main" in rapide_command("routes").out
    assert "/other" in rapide_command("routes", "other.py").out
    assert "/main" in rapide_command("routes", "main.py", "--app", "make", "--factory").out


def test_an_error_goes_to_stderr_with_its_remedy(rapide_command, project):
    """Scripts read stdout; people read stderr."""
    outcome = rapide_command("routes", "missing.py")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines() == [
        "Error: Path does not exist: missing.py",
        "  What to do: Name a Python file or a package directory.",
    ]


def test_an_application_that_cannot_be_imported_exits_with_3(rapide_command, project):
    """The traceback is the user's; with --verbose, before or behind the command, it is whole."""
    project.write("main.py", "1 / 0\n")
    outcome = rapide_command("routes")
    assert (outcome.code, outcome.out) == (3, "")
    assert "ZeroDivisionError" in outcome.err
    assert "discover.py" not in outcome.err
    assert "discover.py" in rapide_command("--verbose", "routes").err
    assert "discover.py" in rapide_command("routes", "-v").err


def test_what_the_module_prints_does_not_mix_with_the_result(rapide_command, project):
    """`rapide routes --json | jq` must work for modules that print while they are imported."""
    project.write_api("main.py", 'print("connecting")\napp = Api(routes=[Route("/items", items)])\n')
    outcome = rapide_command("routes", "--json")
    assert [row["path"] for row in json.loads(outcome.out)] == ["/items"]
    assert outcome.err == "connecting\n"


def test_advice_is_printed_when_typer_is_not_installed(capsys, monkeypatch):
    """The package works without the command line; the command says what it needs."""
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "rapide.cli.commands")
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 1
    assert capsys.readouterr().err == INSTALL_ADVICE
    assert 'pip install "rapide[standard]"' in INSTALL_ADVICE


def test_a_fault_of_ours_is_not_taken_for_a_missing_package(monkeypatch):
    """Only Typer and Rich are optional."""
    monkeypatch.setitem(sys.modules, "rapide.cli.configuration", None)
    monkeypatch.delitem(sys.modules, "rapide.cli.commands")
    with pytest.raises(ModuleNotFoundError, match=r"rapide\.cli\.configuration"):
        main(["--version"])


def test_the_package_runs_as_a_module(capsys, monkeypatch):
    """`python -m rapide` is the same command."""
    monkeypatch.setattr(sys, "argv", ["rapide", "--version"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("rapide", run_name="__main__")
    assert stopped.value.code == 0
    assert rapide.__version__ in capsys.readouterr().out


def _run_python(code, environment):
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )


def test_help_imports_no_server_and_no_file_watcher(python_environment):
    """Help and completion must be quick, whatever is installed."""
    code = """
        import sys
        from rapide.cli import main
        try:
            main(["run", "--help"])
        except SystemExit:
            print({"uvicorn", "granian", "hypercorn", "watchfiles", "yaml"} & set(sys.modules))
    """
    lines = _run_python(textwrap.dedent(code), python_environment()).stdout.splitlines()
    assert lines[-1] == "set()"


def test_importing_the_command_line_imports_neither_typer_nor_rich(python_environment):
    """The console script starts from here, and so do worker processes."""
    code = "import sys, rapide.cli, rapide.cli.worker; print({'typer', 'rich'} & set(sys.modules))"
    assert _run_python(code, python_environment()).stdout == "set()\n"


@pytest.mark.parametrize(
    ("typed", "expected"), [("rapide ro", "routes"), ("rapide explain-", "explain-error")]
)
def test_the_shell_completes_commands(python_environment, typed, expected):
    """Typer's completion protocol for bash answers with the rest of the word."""
    environment = python_environment(
        _RAPIDE_COMPLETE="complete_bash",
        COMP_WORDS=typed,
        COMP_CWORD="1",
        _TYPER_COMPLETE_TEST_DISABLE_SHELL="1",
    )
    code = "from rapide.cli import main; main([])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [expected]
