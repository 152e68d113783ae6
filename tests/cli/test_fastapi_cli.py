"""`rapide.fastapi.cli`: the command under FastAPI's names."""

import subprocess
import sys

import pytest

import rapide
from rapide.fastapi import cli
from rapide.fastapi.cli import main


def test_main_is_the_command(monkeypatch, capsys):
    """`from fastapi.cli import main` in a start script keeps working."""
    monkeypatch.setattr(sys, "argv", ["fastapi", "--version"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0
    assert rapide.__version__ in capsys.readouterr().out


def test_main_raises_a_runtime_error_when_the_command_is_not_installed(monkeypatch, capsys):
    """FastAPI's function does so; the advice is on stderr."""
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(RuntimeError) as caught:
        main()
    assert str(caught.value).startswith("To use the fastapi command, please install")
    assert capsys.readouterr().err == str(caught.value)


def test_main_runs_what_stands_under_its_name(monkeypatch):
    """FastAPI's module holds the command as `cli_main`, None where it is not installed."""
    called = []
    monkeypatch.setattr(cli, "cli_main", lambda: called.append(True))
    main()
    assert called == [True]
    monkeypatch.setattr(cli, "cli_main", None)
    with pytest.raises(RuntimeError, match="please install"):
        main()


def test_the_package_runs_as_a_module(python_environment):
    """`python -m fastapi` becomes `python -m rapide.fastapi`."""
    command = [sys.executable, "-m", "rapide.fastapi", "--version"]
    done = subprocess.run(command, env=python_environment(), capture_output=True, text=True, check=True)
    assert done.stdout == f"Rapide {rapide.__version__}\n"
