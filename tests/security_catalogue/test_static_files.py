"""STA: static files and ranges."""

import importlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from catalogue_asking import ask
from catalogue_faces import Face


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder to serve, with things beside it that are not to be served."""
    root = tmp_path / "static"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_bytes(bytes(range(256)) * 4)
    (root / "sub" / "index.html").write_text("<p>sub")
    (root / ".env").write_text("SECRET=1")
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("secret")
    (tmp_path / "static-x").mkdir()
    (tmp_path / "static-x" / "f").write_text("secret")
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "linked").symlink_to(tmp_path / "static-x")
    os.mkfifo(root / "fifo")
    return root


@pytest.fixture
def app(face: Face, root: Path) -> Any:
    """An application that serves the folder."""
    app = face.app()
    app.mount("/static", face.part("staticfiles").StaticFiles(directory=root, html=True))
    return app


@pytest.mark.row("STA-01")
@pytest.mark.parametrize(
    "path",
    ["..%2fsecret", "%2e%2e/secret", "../secret", "..%5csecret", "%252e%252e/secret", "/etc/passwd",
     "%2fetc%2fpasswd",
     "%5c%5chost%5cshare", "sub/../../secret", "sub/%2e%2e/%2e%2e/secret", "./../secret"],
)  # fmt: skip
def test_sta_01_ways_out_of_the_folder(app: Any, path: str):
    """Nothing outside the folder is served, however the way is written."""
    answer = ask(app, "GET", f"/static/{path}")
    assert answer.status in (400, 404)
    assert b"secret" not in answer.body


@pytest.mark.row("STA-02")
@pytest.mark.parametrize("path", ["a.txt%00", "x" * 5_000, "a.txt%00.html", "x/" * 2_000, "%ff", "a.txt%0a"])
def test_sta_02_names_that_no_file_has(app: Any, path: str):
    """A name that no file system has is not found."""
    assert ask(app, "GET", f"/static/{path}").status in (400, 404)


@pytest.mark.row("STA-03")
@pytest.mark.parametrize("path", ["link", "linked/f"])
def test_sta_03_links_out_of_the_folder(app: Any, path: str):
    """A link to what is outside is not followed."""
    assert ask(app, "GET", f"/static/{path}").status == 404


@pytest.mark.row("STA-04")
def test_sta_04_folder_with_the_same_beginning(app: Any):
    """A folder whose name only begins like that of the root is outside (CVE-2023-29159)."""
    assert ask(app, "GET", "/static/../static-x/f").status == 404


@pytest.mark.row("STA-06")
@pytest.mark.parametrize("path", [".env", ".git/config", "fifo", ".git/"])
def test_sta_06_what_is_no_file_to_be_seen(face: Face, app: Any, path: str):
    """Dotfiles are not served, nor is what is no regular file."""
    answer = ask(app, "GET", f"/static/{path}")
    if path not in ("fifo", ".git/") and face.follows_fastapi("serves dotfiles"):
        assert answer.status == 200
        return
    assert answer.status == 404


@pytest.mark.row("STA-07")
@pytest.mark.parametrize("count", [100, 101, 9_000])
def test_sta_07_many_ranges(face: Face, app: Any, count: int):
    """However many ranges are asked for, no more than twice the file is sent (CVE-2025-62727)."""
    ranges = ",".join(f"{2 * number}-{2 * number}" for number in range(count))
    answer = ask(app, "GET", "/static/a.txt", headers=[(b"range", f"bytes={ranges}".encode())])
    assert answer.status in (200, 206, 416)
    if face.follows_fastapi("answers a hundred ranges with a head for each"):
        assert len(answer.body) < 20 * 1_024
        return
    assert len(answer.body) <= 2 * 1_024


@pytest.mark.row("STA-07")
def test_sta_07_few_ranges_are_served(app: Any):
    """A range, and a few of them, are what they were."""
    one = ask(app, "GET", "/static/a.txt", headers=[(b"range", b"bytes=1-3")])
    assert (one.status, one.body, one.header("content-range")) == (206, b"\x01\x02\x03", "bytes 1-3/1024")
    last = ask(app, "GET", "/static/a.txt", headers=[(b"range", b"bytes=-2")])
    assert (last.status, last.body) == (206, b"\xfe\xff")
    assert ask(app, "GET", "/static/a.txt", headers=[(b"range", b"bytes=0-1,500-501")]).status == 206


@pytest.mark.row("STA-08")
@pytest.mark.parametrize(
    "value", ["bytes=abc", "items=0-1", "bytes=5-1", "bytes=", "bytes=-", "bytes=1-2x", "x"]
)
def test_sta_08_ranges_that_are_none(face: Face, app: Any, value: str):
    """A Range that cannot be understood is ignored or not satisfiable, and no bad request."""
    answer = ask(app, "GET", "/static/a.txt", headers=[(b"range", value.encode())])
    if face.follows_fastapi("answers 400"):
        assert answer.status in (200, 400, 416)
        return
    assert answer.status in (200, 416)


@pytest.mark.row("STA-08")
def test_sta_08_ranges_beyond_the_end(app: Any):
    """A range behind the end is a 416 that says how long the file is."""
    answer = ask(app, "GET", "/static/a.txt", headers=[(b"range", b"bytes=5000-6000")])
    assert (answer.status, answer.header("content-range")) == (416, "bytes */1024")


@pytest.mark.row("STA-09")
def test_sta_09_file_that_becomes_shorter(face: Face, tmp_path: Path):
    """A file that is cut while it is sent ends the answer: no loop, no open descriptor."""
    file = tmp_path / "f"
    file.write_bytes(b"x" * 1_000_000)
    app = face.app()

    @app.get("/")
    def read():
        return face.part("responses").FileResponse(file, stat_result=file.stat())

    file.write_bytes(b"x" * 10)
    before = len(list(Path("/proc/self/fd").iterdir()))
    answer = ask(app, "GET", "/")
    assert len(answer.body) <= 1_000_000
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.row("STA-10")
def test_sta_10_file_with_a_slash_behind(face: Face, app: Any):
    """A file is no folder: `a.txt/` is not found."""
    answer = ask(app, "GET", "/static/a.txt/")
    if face.follows_fastapi("serves the file"):
        assert answer.status == 200
        return
    assert answer.status == 404


@pytest.mark.row("STA-11")
@pytest.mark.parametrize("target", ["/static/sub?next=//evil", "/static/sub"])
def test_sta_11_redirects_to_folders_stay_here(face: Face, app: Any, target: str):
    """The redirect to a folder is a path, whatever Host says."""
    answer = ask(app, "GET", target, host=b"evil.com")
    assert answer.status == 307
    if face.follows_fastapi("redirects to an absolute URL made of Host"):
        assert str(answer.header("location")).startswith("http://evil.com/")
        return
    assert answer.header("location") == target.replace("/sub", "/sub/")


@pytest.mark.row("STA-05")
@pytest.mark.parametrize(
    "name",
    [
        "CON",
        "nul.txt",
        "com1.tar.gz",
        "LPT\u00b9",
        "a.txt::$DATA",
        "a.txt:stream",
        "a.txt.",
        "a.txt%20",
        "AUX ",
    ],
)
def test_sta_05_names_of_windows_are_no_files(
    face: Face, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    """On Windows a device, a stream of a file, and a name that loses its end there are not found."""
    face.native_only("FastAPI serves with the class of Starlette")
    staticfiles = importlib.import_module("rapide.staticfiles")
    monkeypatch.setattr(staticfiles, "_ON_WINDOWS", True)
    (tmp_path / name.replace("%20", " ")).write_text("what Windows would not take")
    (tmp_path / "console.txt").write_text("a file")
    app = face.app()
    app.mount("/files", staticfiles.StaticFiles(directory=tmp_path))
    assert ask(app, "GET", "/files/" + quote(name, safe="%:$")).status == 404
    assert ask(app, "GET", "/files/console.txt").status == 200
