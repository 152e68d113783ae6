"""Section 21: the command line, run as a module in a process of its own."""

import os
import re
import socket
import subprocess
import sys
import time

import httpx2
import pytest
from surface_target import TARGET

APPLICATION = f"""
from {TARGET} import FastAPI

{{name}} = FastAPI(title="{{title}}")
"""


def command(*arguments, cwd, **environment):
    """Run `python -m <target> ...` to its end."""
    return subprocess.run(
        [sys.executable, "-m", TARGET, *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write(folder, name="main.py", variable="app", title="Found"):
    """Write a module with an application."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(APPLICATION.format(name=variable, title=title))
    return file


# --- options


@pytest.mark.parametrize("name", ["dev", "run"])
def test_command_has_its_options(tmp_path, name):
    """21: the table's options of dev and run, with their defaults.

    Rows: 21 --host, --port, --reload, --reload-dir, --workers, --root-path, --app, --entrypoint,
    --proxy-headers, --forwarded-allow-ips, --verbose
    """
    done = command(name, "--help", cwd=tmp_path)
    assert done.returncode == 0
    common = ["--host", "--port", "--reload", "--no-reload", "--root-path", "--app", "--entrypoint", "-e"]
    common += ["--proxy-headers", "--no-proxy-headers", "--forwarded-allow-ips", "--verbose", "-v"]
    options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", done.stdout))
    assert set(common) <= options
    assert ("--workers" in options) is (name == "run")
    assert ("--reload-dir" in options) is (name == "dev")
    assert ("127.0.0.1" if name == "dev" else "0.0.0.0") in done.stdout
    assert "PORT" in done.stdout
    assert "8000" in done.stdout


def test_program_lists_its_commands(tmp_path):
    """21: dev and run are there; --version answers."""
    listed = command("--help", cwd=tmp_path)
    assert listed.returncode == 0
    assert re.search(r"\bdev\b", listed.stdout)
    assert re.search(r"\brun\b", listed.stdout)
    assert "--verbose" in listed.stdout
    assert command("--version", cwd=tmp_path).returncode == 0


# --- mistakes


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing.py"],
        ["empty.py"],
        ["main.py", "--app", "nothing"],
        ["main.py", "--entrypoint", "main:app"],
    ],
)
def test_mistake_ends_with_code_one(tmp_path, arguments):
    """21: a missing path, a module without app, an unknown name, and --entrypoint with others exit with 1."""
    write(tmp_path)
    (tmp_path / "empty.py").write_text("x = 1\n")
    done = command("run", *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout


def test_nothing_to_discover_ends_with_code_one(tmp_path):
    """21: without a path and without any of the known files the command fails."""
    assert command("run", cwd=tmp_path).returncode == 1


# --- serving


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def served_title(cwd, *arguments, name="run", **environment):
    """Start the server, return the title of the application it serves, and stop it."""
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", TARGET, name, *arguments, "--host", "127.0.0.1"],
        cwd=cwd,
        env={**os.environ, "PORT": str(port), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert server.poll() is None, "the server ended by itself"
            try:
                return httpx2.get(f"http://127.0.0.1:{port}/openapi.json").json()["info"]["title"]
            except httpx2.TransportError:
                time.sleep(0.1)
        pytest.fail("the server did not answer")
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.server
@pytest.mark.parametrize(
    ("file", "variable"),
    [
        ("main.py", "app"),
        ("api.py", "api"),
        ("app/app.py", "other"),
    ],
)
def test_application_is_discovered(tmp_path, file, variable):
    """21: known files are tried; the object named app, then api, then the first application."""
    write(tmp_path, file, variable)
    assert served_title(tmp_path) == "Found"


@pytest.mark.server
@pytest.mark.parametrize(
    "arguments",
    [
        ["pack/web/start.py"],
        ["pack/web/start.py", "--app", "second"],
        ["--entrypoint", "pack.web.start:second"],
    ],
)
def test_application_is_found_where_told(tmp_path, arguments):
    """21 PATH and 21.1: a file, a package, a name or an import string; packages have a root."""
    write(tmp_path, "pack/web/start.py", "app", "first")
    with (tmp_path / "pack/web/start.py").open("a") as file:
        file.write('second = FastAPI(title="second")\n')
    (tmp_path / "pack/__init__.py").touch()
    (tmp_path / "pack/web/__init__.py").write_text("from pack.web.start import app\n")
    named = "second" in " ".join(arguments)
    assert served_title(tmp_path, *arguments) == ("second" if named else "first")


@pytest.mark.server
def test_entrypoint_of_the_project_file_is_used(tmp_path):
    """21.1: [tool.fastapi] entrypoint in ./pyproject.toml comes before discovery."""
    write(tmp_path, "main.py", "app", "discovered")
    write(tmp_path, "shop.py", "application", "configured")
    (tmp_path / "pyproject.toml").write_text('[tool.fastapi]\nentrypoint = "shop:application"\n')
    assert served_title(tmp_path) == "configured"


@pytest.mark.server
@pytest.mark.parametrize(("given", "expected"), [(None, "development"), ("test", "test")])
def test_dev_sets_the_environment(tmp_path, given, expected):
    """21.2: dev sets FASTAPI_ENV=development if it is unset."""
    text = f"import os\nfrom {TARGET} import FastAPI\napp = FastAPI(title=os.environ['FASTAPI_ENV'])\n"
    (tmp_path / "main.py").write_text(text)
    environment = {} if given is None else {"FASTAPI_ENV": given}
    assert served_title(tmp_path, "--no-reload", name="dev", **environment) == expected
