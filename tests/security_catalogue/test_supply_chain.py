"""SUP: what is installed, from where, and who may change it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent.parent
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())


# Autobahn's cases need Python 2.7, for which nothing writes hashes any more. They run by hand, in an
# environment of their own, from which nothing is built, tested or shipped.
_WITHOUT_HASHES = {"autobahn.txt"}
_LOCKS = sorted({path.name for path in (_ROOT / "requirements").glob("*.txt")} - _WITHOUT_HASHES)


@pytest.mark.row("SUP-03")
@pytest.mark.parametrize("lock", _LOCKS)
def test_sup_03_environments_are_locked_with_hashes(lock: str):
    """Every package of every environment has one version and the hashes of its files."""
    text = (_ROOT / "requirements" / lock).read_text()
    requirements = re.findall(r"^([a-z0-9][^\s;\\]*)", text, re.MULTILINE | re.IGNORECASE)
    assert requirements
    assert all("==" in requirement for requirement in requirements)
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.row("SUP-04")
def test_sup_04_floors_are_above_known_faults():
    """Of what parses requests the declared floor has no fault that is known."""
    extras = _PROJECT["project"]["optional-dependencies"]["standard"]
    found = [re.match(r"([a-z0-9-]+)(?:\[.*\])?>=([\d.]+)", entry) for entry in extras]
    floors = {match[1]: match[2] for match in found if match}
    assert tuple(map(int, floors["python-multipart"].split("."))) >= (0, 0, 32)
    assert tuple(map(int, floors["jinja2"].split("."))) >= (3, 1, 6)


@pytest.mark.row("SUP-05")
def test_sup_05_wheels_are_the_same_bytes(tmp_path: Path):
    """Building twice gives the same file."""
    from hashlib import sha256

    digests = set()
    for number in range(2):
        code = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
        folder = tmp_path / str(number)
        folder.mkdir()
        built = subprocess.run(
            [sys.executable, "-c", code, str(folder)], cwd=_ROOT, capture_output=True, text=True, check=True
        )
        digests.add(sha256((folder / built.stdout.split()[-1]).read_bytes()).hexdigest())
    assert len(digests) == 1


@pytest.mark.row("SUP-06")
def test_sup_06_dependencies_are_few_and_have_reasons():
    """Two packages are needed, and each of those and of the extras says what for."""
    assert len(_PROJECT["project"]["dependencies"]) == 2
    text = (_ROOT / "pyproject.toml").read_text()
    section = text[text.index("\ndependencies = [") : text.index("[project.scripts]")]
    entries = [line for line in section.splitlines() if re.match(r'    "[a-z]', line)]
    assert len(entries) >= 10
    assert [line for line in entries if "#" not in line] == []


@pytest.mark.row("SUP-07")
@pytest.mark.parametrize(
    "words",
    ["three working days", "Supported versions", "90 days", "threat model", "What counts", "severity"],
)
def test_sup_07_there_is_a_policy(words: str):
    """The policy says how to report, what counts, how soon we answer, and which versions are cared for."""
    assert words.lower() in (_ROOT / "SECURITY.md").read_text().lower()
