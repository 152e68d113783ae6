"""Advisories of others, by number: what went wrong there is a test here, where the part exists."""

import asyncio
from typing import Any

import pytest
from catalogue_asking import LEFT, ask, exchange, scope_of
from catalogue_faces import JSON, URLENCODED, Face

_MULTIPART = "multipart/form-data; boundary=B"
_HEAD = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
_FILE = b'--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
_END = b"\r\n--B--\r\n"


def _form(face: Face, body: bytes, content_type: str = _MULTIPART, target: str = "/form") -> Any:
    return face.post(target, body, content_type=content_type)


@pytest.mark.parametrize("boundary", ["\\" * 8_000, '"' + "\\" * 8_000, ";" * 8_000, "=" * 8_000])
def test_cve_2024_24762_options_of_content_type(face: Face, boundary: str):
    """FastAPI and python-multipart: backslashes in an option of Content-Type kept a process busy."""
    assert 400 <= _form(face, b"x", f"multipart/form-data; boundary={boundary}").status < 500


def test_cve_2023_30798_many_small_parts(face: Face):
    """Starlette, Werkzeug (CVE-2023-25577), Django (CVE-2023-24580): parts without number."""
    assert _form(face, (_HEAD + b"x\r\n") * 5_000 + b"--B--\r\n").status in (400, 413)


def test_cve_2024_47874_part_without_end(face: Face):
    """Starlette, Werkzeug (CVE-2024-49767), aiohttp (CVE-2026-34517): a field had no limit."""
    assert _form(face, _HEAD + b"x" * 3_000_000 + _END).status in (400, 413)


def test_cve_2026_54283_urlencoded_without_limits(face: Face):
    """Starlette, Tornado: the limits of multipart did not hold for the other encoding."""
    assert _form(face, b"&".join([b"a=1"] * 5_000), URLENCODED).status in (400, 413)


def test_cve_2026_42561_headers_of_parts(face: Face):
    """python-multipart, aiohttp (CVE-2026-34516): headers of a part had no limit."""
    head = _HEAD[:-2] + b"X-A: 1\r\n" * 5_000 + b"\r\n"
    assert _form(face, head + b"x" + _END).status == 400


def test_cve_2026_40347_before_and_behind_the_boundaries(face: Face):
    """python-multipart: line breaks before the first boundary, and bytes behind the last, cost too much."""
    assert _form(face, b"\r\n" * 500_000 + _HEAD + b"x" + _END).status in (200, 400)
    assert _form(face, _HEAD + b"x" + _END + b"x" * 1_000_000).status in (200, 400)


def test_cve_2024_53981_no_line_of_the_log_for_each_byte(face: Face, caplog: pytest.LogCaptureFixture):
    """python-multipart, Tornado (CVE-2025-47287): each byte behind the end was a line of the log."""
    with caplog.at_level("WARNING"):
        _form(face, _HEAD + b"x" + _END + b"x" * 10_000)
    assert len(caplog.records) < 10


def test_cve_2023_46136_file_of_line_breaks(face: Face):
    """Werkzeug, Tornado (CVE-2025-67726): a file of carriage returns was searched again and again."""
    answer = _form(face, _FILE + b"\r" * 4_000_000 + _END, target="/upload")
    assert (answer.status, answer.json["size"]) == (200, 4_000_000)


def test_cve_2021_23336_semicolons(face: Face):
    """CPython, Django: a semicolon separated what caches and proxies took for one value."""
    assert _form(face, b"a=1;b=2", URLENCODED).json == {"a": "1;b=2", "b": None}
    assert face.get("/search?x=1;f=2").status == 422


def test_ghsa_v9pg_7xvm_68hf_negative_length(face: Face):
    """python-multipart: a negative Content-Length."""
    answer = face.post("/text", b'{"a":"x"}', headers=[(b"content-length", b"-1")])
    assert answer.status in (200, 400)


def test_cve_2026_5766_bytes_are_counted(face: Face):
    """Django (CVE-2026-33034 too): no or a small Content-Length passed the limit."""
    app = face.app(max_body_size=10)

    @app.post("/")
    def take(value: list[int]):
        return value

    for length in ([], [(b"content-length", b"1")]):
        headers = [(b"content-type", JSON.encode()), *length]
        answer = asyncio.run(exchange(app, scope_of("POST", "/", headers), [b"[1,", b"2,3,4,5,6]"]))
        assert answer.status == 413


@pytest.mark.parametrize("content_type", [_MULTIPART, URLENCODED])
def test_cve_2026_2359_client_leaves(face: Face, content_type: str):
    """Multer (CVE-2026-3304 too): descriptors stayed open when a client left amid its upload."""
    answer = face.post("/form", _HEAD, LEFT, content_type=content_type)
    assert answer.status in (0, 400)


def test_cve_2026_5079_names_are_not_nested(face: Face):
    """multer: brackets in names made objects without end."""
    assert _form(face, b"a" + b"[b]" * 50_000 + b"=1&a=x", URLENCODED).json["a"] == "x"


def test_cve_2024_27454_nesting(face: Face):
    """Orjson (CVE-2025-67221 too), PyJWT (GHSA-8wjv-2p76-3863): nesting in and out ended the process."""
    assert face.post("/any", b"[" * 100_000).status in (400, 422)
    app = face.app()
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    app.get("/")(lambda: deep)
    assert ask(app, "GET", "/").status == 500


def test_cve_2021_29510_infinity_as_a_date(face: Face):
    """pydantic: `infinity` as a date never ended."""
    from datetime import date, datetime

    app = face.app()

    @app.get("/")
    def read(day: date, at: datetime):
        return 1

    assert ask(app, "GET", "/?day=infinity&at=infinity").status == 422


def test_cve_2024_7592_quoted_cookies(face: Face):
    """CPython, Tornado: backslashes in a quoted cookie cost the square of their number."""
    value = b'a="' + b"\\" * 16_000 + b'"'
    assert face.get("/cookies", headers=[(b"cookie", value)]).status == 200


def test_cve_2025_14550_many_headers_of_a_name(face: Face):
    """Django, Tornado (CVE-2025-67725), gunicorn: joining equal headers cost the square of their number."""
    headers = [(b"x-a", b"1")] * 20_000
    assert face.get("/admin", headers=headers).status in (200, 400, 431)


def test_cve_2021_44420_line_break_behind_a_path(face: Face):
    """Django: a path with a line break behind it passed what guarded the path."""
    assert face.get("/admin%0A").status in (400, 404)


def test_cve_2026_48710_path_in_host(face: Face):
    """Starlette: a Host with a slash changed the path that middleware saw."""
    app = face.app()
    seen: list[str] = []

    @app.middleware("http")
    async def look(request: Any, call_next: Any) -> Any:
        seen.append(request.url.path)
        return await call_next(request)

    app.get("/admin")(lambda: 1)
    ask(app, "GET", "/admin", host=b"x/?")
    assert set(seen) <= {"/admin"}


def test_cve_2026_54282_target_that_is_an_authority(face: Face):
    """Starlette: `GET @google.com` made links to that host."""
    answer = ask(face.small, "GET", "/", path="@google.com", raw_path=b"@google.com")
    assert answer.status in (400, 404)


def test_cve_2026_48817_methods_are_no_names(face: Face):
    """Starlette: the method picked an attribute of an endpoint."""
    from starlette.endpoints import HTTPEndpoint
    from starlette.responses import PlainTextResponse

    class Endpoint(HTTPEndpoint):
        async def get(self, request: Any) -> Any:
            return PlainTextResponse("x")

        async def _do_delete(self, request: Any) -> Any:
            raise AssertionError("must not run")

    app = face.app()
    app.router.add_route("/", Endpoint)
    assert ask(app, "_DO_DELETE", "/").status == 405


def test_cve_2020_28724_redirects_to_other_hosts(face: Face):
    """Werkzeug, aiohttp (CVE-2021-21330), Tornado (CVE-2023-28370), Django (CVE-2018-14574)."""
    for target in ("//evil.com/%2e%2e", "//evil.com//", "/\\evil.com/"):
        answer = face.get(target)
        assert not str(answer.header("location") or "/").startswith(("//", "/\\"))


def test_cve_2021_32677_json_as_plain_text(face: Face):
    """FastAPI: a page of another origin could send JSON as plain text, without a question before."""
    assert face.post("/text", b'{"a":"x"}', content_type="text/plain").status in (415, 422)


def test_cve_2025_62727_ranges(face: Face, tmp_path: Any):
    """Starlette: the ranges of one header cost the square of their number."""
    (tmp_path / "f").write_bytes(b"x" * 100)
    app = face.app()
    app.get("/")(lambda: face.part("responses").FileResponse(tmp_path / "f"))
    ranges = b"bytes=" + b",".join([b"0-0"] * 20_000)
    assert ask(app, "GET", "/", headers=[(b"range", ranges)]).status in (200, 206, 400, 416)


def test_cve_2022_36359_names_of_downloads(face: Face, tmp_path: Any):
    """Django: a quote in the name of a download made it another file."""
    (tmp_path / "f").write_bytes(b"x")
    app = face.app()
    app.get("/")(lambda: face.part("responses").FileResponse(tmp_path / "f", filename='a";filename="b.exe'))
    assert 'filename="b.exe"' not in str(ask(app, "GET", "/").header("content-disposition"))


def test_cve_2020_7695_line_breaks_in_headers(face: Face):
    """uvicorn, Tornado, gunicorn, aiohttp: a line break in a header wrote other headers."""
    app = face.app()

    @app.get("/")
    def read(response: face.Response):
        response.headers["x-a"] = "1\r\nset-cookie: a=1"

    answer = ask(app, "GET", "/")
    assert answer.status == 500
    assert answer.header("set-cookie") is None


def test_cve_2020_35681_state_of_another_request(face: Face):
    """Channels: what one request left was seen by the next."""
    app = face.app()

    @app.get("/{name}")
    def read(name: str, request: face.Request):
        before = getattr(request.state, "name", None)
        request.state.name = name
        return before

    assert [ask(app, "GET", f"/{name}").json for name in "ab"] == [None, None]
