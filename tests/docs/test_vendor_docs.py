"""Tests of `scripts/vendor-docs`."""

import gzip
import hashlib
import importlib.machinery
import importlib.util
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "vendor-docs"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, keeping its files in an empty folder."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("vendor_docs", str(_SCRIPT))
    spec = importlib.util.spec_from_loader("vendor_docs", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    static = tmp_path / "static"
    static.mkdir()
    monkeypatch.setattr(module, "STATIC", static)
    return module


class _Package:
    """A packed package and its pins."""

    def __init__(self, folder: Path, script: ModuleType, files: dict[str, bytes]) -> None:
        self.folder = folder
        self.static: Path = script.STATIC
        self._run = script.main
        self.archive = folder / "ui-1.0.0.tgz"
        with tarfile.open(self.archive, "w:gz") as tar:
            for name, content in files.items():
                member = tarfile.TarInfo(f"package/{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
        entries = [
            {"member": name, "file": name, "sha256": _sha256(content)} for name, content in files.items()
        ]
        self.package: dict[str, Any] = {
            "name": "ui",
            "version": "1.0.0",
            "archive_sha256": _sha256(self.archive.read_bytes()),
            "files": entries,
        }

    def run(self, *arguments: str) -> int:
        """Write the pins and run the script on them."""
        self.pins.write_text(json.dumps({"packages": [self.package]}), encoding="utf-8")
        if "--check" not in arguments:
            arguments = (*arguments, "--archives", str(self.folder))
        status: int = self._run(list(arguments))
        return status

    @property
    def pins(self) -> Path:
        return self.static / "vendored.json"

    @property
    def kept(self) -> set[str]:
        return {path.name for path in self.static.iterdir()} - {"vendored.json"}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def package(tmp_path: Path, script: ModuleType) -> _Package:
    """A package of a script and a text, rightly pinned."""
    return _Package(tmp_path, script, {"ui.js": b"run('https://elsewhere')", "LICENSE": b"free"})


def test_files_are_kept_when_they_are_what_is_pinned(package: _Package) -> None:
    """Scripts are kept compressed, texts as they are; a second run writes nothing."""
    assert package.run() == 0
    assert package.kept == {"ui.js.gz", "LICENSE"}
    assert gzip.decompress((package.static / "ui.js.gz").read_bytes()) == b"run('https://elsewhere')"
    assert (package.static / "LICENSE").read_bytes() == b"free"
    before = (package.static / "ui.js.gz").stat().st_mtime_ns
    assert package.run() == 0
    assert (package.static / "ui.js.gz").stat().st_mtime_ns == before


def test_nothing_is_written_when_the_archive_is_another(
    package: _Package, capsys: pytest.CaptureFixture[str]
) -> None:
    """An archive with another checksum is refused, though its files are right."""
    package.package["archive_sha256"] = "0" * 64
    assert package.run() == 1
    assert package.kept == set()
    assert "ui-1.0.0.tgz: SHA-256 is" in capsys.readouterr().err


def test_nothing_is_written_when_a_file_is_another(
    package: _Package, capsys: pytest.CaptureFixture[str]
) -> None:
    """One file with another checksum is refused with all others."""
    package.package["files"][1]["sha256"] = "0" * 64
    assert package.run() == 1
    assert package.kept == set()
    assert "LICENSE: SHA-256 is" in capsys.readouterr().err


def test_nothing_is_written_when_a_file_is_missing(
    package: _Package, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pinned file that the package no longer has is told by name."""
    package.package["files"].append({"member": "gone.js", "file": "gone.js", "sha256": ""})
    assert package.run() == 1
    assert package.kept == set()
    assert "gone.js" in capsys.readouterr().err


def test_edits_are_made_when_their_text_is_there(package: _Package) -> None:
    """An edit replaces its text, and the pinned checksum is that of the result."""
    entry = package.package["files"][0]
    entry["edits"] = [{"find": "https://elsewhere", "replace": "data:,"}]
    entry["sha256"] = _sha256(b"run('data:,')")
    assert package.run() == 0
    assert gzip.decompress((package.static / "ui.js.gz").read_bytes()) == b"run('data:,')"


@pytest.mark.parametrize(("text", "times"), [("nowhere", 0), ("s", 2)])
def test_nothing_is_written_when_an_edit_does_not_fit(
    package: _Package, capsys: pytest.CaptureFixture[str], text: str, times: int
) -> None:
    """An edit whose text is not there, or there more than once, is no longer the edit that was meant."""
    package.package["files"][0]["edits"] = [{"find": text, "replace": ""}]
    assert package.run("--pin") == 1
    assert package.kept == set()
    assert f"ui.js: found {times} times: {text}" in capsys.readouterr().err


def test_pins_are_taken_over_when_asked_for(package: _Package) -> None:
    """After a change of version by hand, --pin writes the new checksums, and a plain run agrees."""
    right = json.loads(json.dumps(package.package))
    package.package["archive_sha256"] = package.package["files"][0]["sha256"] = ""
    assert package.run("--pin") == 0
    assert json.loads(package.pins.read_text(encoding="utf-8")) == {"packages": [right]}


def test_check_tells_what_differs_when_files_were_changed(
    package: _Package, capsys: pytest.CaptureFixture[str]
) -> None:
    """--check names files that are missing, changed or damaged, and writes nothing."""
    assert package.run("--check") == 1
    assert capsys.readouterr().err == "missing or different: ui.js\nmissing or different: LICENSE\n"
    assert package.run() == 0
    assert package.run("--check") == 0
    (package.static / "LICENSE").write_bytes(b"not free")
    (package.static / "ui.js.gz").write_bytes(b"not gzip")
    capsys.readouterr()
    assert package.run("--check") == 1
    assert capsys.readouterr().err == "missing or different: ui.js\nmissing or different: LICENSE\n"
    assert (package.static / "LICENSE").read_bytes() == b"not free"


def test_vendored_files_are_what_is_pinned_in_the_repository() -> None:
    """The files of the package are those that the pins name."""
    checked = subprocess.run(
        [sys.executable, str(_SCRIPT), "--check"], check=False, capture_output=True, text=True
    )
    assert checked.stderr == ""
    assert checked.returncode == 0
