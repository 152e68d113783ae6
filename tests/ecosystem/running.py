"""Runs the programs of `programs/` with the interpreter of an environment that has the packages they use."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from httpx2 import Client, Limits

__all__ = [
    "Environment",
    "Program",
    "environments",
    "free_port",
    "is_listening",
    "wait_for",
    "wait_until_listening",
]

_HERE = Path(__file__).parent
_ENVIRONMENTS = _HERE.parent.parent / ".venv-ecosystem"
_PROGRAMS = _HERE / "programs"
_APPLICATIONS = _HERE / "applications"
_SECONDS = 120  # the longest wait for a program to answer: some packages take long to import


def environments() -> list[str]:
    """Return the names of the environments that were made."""
    return sorted(folder.name for folder in _ENVIRONMENTS.glob("*") if (folder / "bin" / "python").exists())


def free_port() -> int:
    """Return a port nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def is_listening(port: int) -> bool:
    """Tell whether somebody listens on a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def wait_until_listening(port: int) -> None:
    """Wait until somebody listens on a port of this machine."""
    give_up = time.monotonic() + _SECONDS
    while not is_listening(port):
        assert time.monotonic() < give_up, f"nobody listens on {port}"
        time.sleep(0.1)


class Program(Client):
    """A program that serves, and the client that asks it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], output: Path) -> None:
        # Each request has a connection of its own: uvicorn closes one on which an application raised.
        limits = Limits(max_keepalive_connections=0)
        super().__init__(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, limits=limits)
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._process = process
        self._output = output

    @property
    def output(self) -> str:
        """What it has written to stdout and stderr."""
        return self._output.read_text("utf-8", errors="replace")

    def wait_until_serving(self) -> None:
        """Wait until it accepts connections.

        Raises:
            AssertionError: it ended instead, or does not listen in time. The message has its output.
        """
        give_up = time.monotonic() + _SECONDS
        while not is_listening(self.port):
            assert self._process.poll() is None, f"the program ended:\n{self.output}"
            assert time.monotonic() < give_up, f"the program does not listen:\n{self.output}"
            time.sleep(0.1)

    def stop(self) -> None:
        """End it as a supervisor does. One that does not end in time is killed, and is a fault."""
        self.close()
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the program does not end:\n{self.output}") from None


@dataclass(frozen=True)
class Environment:
    """One environment of `scripts/test-ecosystem`, and a folder for what its programs write."""

    name: str
    folder: Path

    @property
    def _root(self) -> Path:
        return _ENVIRONMENTS / self.name

    def version(self, package: str) -> str:
        """Return the version of a package that is installed there, without importing anything."""
        folders = [str(folder) for folder in self._root.glob("lib/python3.*/site-packages")]
        return next(each.version for each in distributions(name=package, path=folders))

    def _variables(self, more: Mapping[str, str], *, guarded: bool = True) -> dict[str, str]:
        # Nothing of the caller: neither its packages nor its settings, nor that it is a test.
        foreign = ("PYTHON", "PYTEST", "RAPIDE")
        own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        guard = [str(_HERE / "guard")] if guarded else []
        path = os.pathsep.join([*guard, str(_PROGRAMS), str(_APPLICATIONS)])
        return {**own, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **more}

    def run(self, program: str, *arguments: str, **variables: str) -> str:
        """Run a program to its end and return what it printed.

        Raises:
            AssertionError: it ended with an error. The message has its output.
        """
        done = subprocess.run(
            [self._root / "bin" / "python", _PROGRAMS / f"{program}.py", *arguments],
            cwd=self.folder,
            env=self._variables(variables),
            capture_output=True,
            timeout=_SECONDS,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def background(self, program: str, **variables: str) -> Iterator[None]:
        """Run a program until the block ends, which does not serve: a worker."""
        output = self.folder / f"{program}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [self._root / "bin" / "python", _PROGRAMS / f"{program}.py"],
                cwd=self.folder,
                env=self._variables(variables),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
            assert process.poll() is None, f"the program ended:\n{output.read_text('utf-8')}"
        finally:
            process.kill()
            process.wait()

    @contextmanager
    def serve(self, program: str, *, under: Sequence[str] = (), **variables: str) -> Iterator[Program]:
        """Serve a program that says `import fastapi` and nothing else: `rapide run --alias-fastapi`.

        `under` is the command of an agent that starts the one it is given.
        """
        agent = [str(self._root / "bin" / under[0]), *under[1:]] if under else []
        python, file = str(self._root / "bin" / "python"), str(_PROGRAMS / f"{program}.py")
        with self._start(
            [*agent, python, "-m", "rapide", "run", "--alias-fastapi", file], variables
        ) as running:
            yield running

    @contextmanager
    def serve_aliased(self, program: str, **variables: str) -> Iterator[Program]:
        """Serve a program that calls `alias_fastapi()` itself, with uvicorn's own command."""
        python = str(self._root / "bin" / "python")
        with self._start([python, "-m", "uvicorn", f"{program}:app"], variables) as running:
            yield running

    @contextmanager
    def serve_application(self, entry: str, *, real: bool, **variables: str) -> Iterator[Program]:
        """Serve an application of `applications/`, on the real FastAPI or on Rapide under its name."""
        python = str(self._root / "bin" / "python")
        command = ["uvicorn", entry] if real else ["rapide", "run", "--alias-fastapi", "--entrypoint", entry]
        with self._start([python, "-m", *command], variables, guarded=not real) as running:
            yield running

    @contextmanager
    def _start(
        self, command: list[str], variables: Mapping[str, str], *, guarded: bool = True
    ) -> Iterator[Program]:
        port = free_port()
        output = self.folder / f"output-{port}.txt"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(port)],
                cwd=self.folder,
                env=self._variables(variables, guarded=guarded),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        program = Program(port, process, output)
        try:
            program.wait_until_serving()
            yield program
        except Exception as error:
            error.add_note(f"The program's output:\n{program.output}")
            raise
        finally:
            program.stop()


def wait_for(program: Program, path: str, expected: object) -> None:
    """Ask until an answer is as expected: messages take their time."""
    give_up = time.monotonic() + 20
    while (seen := program.get(path).json()) != expected:
        assert time.monotonic() < give_up, seen
        time.sleep(0.1)
