"""HST: the Host header, request targets, and what proxies say."""

import importlib
from typing import Any

import pytest
from catalogue_asking import Answer, ask
from catalogue_faces import Face


def _url(face: Face, **scope: Any) -> Answer:
    """What an application says of its own address and of its client."""
    app = face.app(**scope.pop("options", {}))

    @app.get("/url", name="here")
    def read(request: face.Request):
        client = request.client.host if request.client else None
        return {"url": str(request.url_for("here")), "client": client, "scheme": request.url.scheme}

    return ask(app, "GET", scope.pop("target", "/url"), **scope)


@pytest.mark.row("HST-01")
@pytest.mark.parametrize(
    "host",
    [
        b"a/?",
        b"a@b",
        b"[::1",
        b"a b",
        b"x:99999",
        b"",
        b"x:",
        b"a\xff",
        b"a%2e",
        b"[1]",
        b"a,b",
        b"<x>",
        b"x" * 300,
    ],
)
def test_hst_01_hosts_that_are_none(face: Face, host: bytes):
    """A Host that is none is a 400 before anything else (CVE-2026-48710)."""
    answer = face.get("/admin", host=host)
    if face.follows_fastapi("does not look at Host until somebody asks for the URL"):
        assert answer.status == 200
        return
    assert answer.status == 400


@pytest.mark.row("HST-01")
@pytest.mark.parametrize(
    "host",
    [
        b"a",
        b"example.com",
        b"EXAMPLE.com:80",
        b"a.b.",
        b"127.0.0.1:8000",
        b"[::1]:8000",
        b"x_y",
        b"xn--bcher-kva.de",
    ],
)
def test_hst_01_hosts_that_are_some(face: Face, host: bytes):
    """Names, addresses and ports are taken."""
    assert face.get("/admin", host=host).status == 200


@pytest.mark.row("HST-02")
def test_hst_02_two_hosts(face: Face):
    """Two Hosts are a 400, also when they are equal (RFC 9112, section 3.2)."""
    for second in (b"testserver", b"evil.com"):
        answer = face.get("/admin", headers=[(b"host", second)])
        if face.follows_fastapi("leaves it to the server"):
            assert answer.status == 200
            continue
        assert answer.status == 400


@pytest.mark.row("HST-03")
def test_hst_03_no_host(face: Face):
    """A request of HTTP/1.1 without a Host is a 400; one of HTTP/1.0 need not have one."""
    answer = face.get("/admin", host=None)
    if face.follows_fastapi("leaves it to the server"):
        assert answer.status == 200
        return
    assert answer.status == 400
    assert face.get("/admin", host=None, http_version="1.0").status == 200


@pytest.mark.row("HST-04")
@pytest.mark.parametrize("path", ["http://evil/admin", "@google.com", "foo", "", "*", "google.com:443"])
def test_hst_04_targets_that_are_no_path(face: Face, path: str):
    """Only a path reaches the routes, whatever a server makes of the request line."""
    answer = ask(face.small, "GET", "/", path=path, raw_path=path.encode())
    if face.follows_fastapi("finds no such route"):
        assert answer.status == 404
        return
    assert answer.status == 400


@pytest.mark.row("HST-05")
@pytest.mark.parametrize(
    ("host", "served"),
    [
        (b"exampleXcom", False),
        (b"evil-example.com", False),
        (b"example.com.evil.com", False),
        (b"example.com.", True),
        (b"EXAMPLE.COM:80", True),
        (b"example.com", True),
        (b"a.example.org", True),
        (b"example.org", False),
        (b"aexample.org", False),
    ],
)
def test_hst_05_allowed_hosts_are_compared_as_they_are(face: Face, host: bytes, served: bool):
    """`allowed_hosts` are names and no patterns; another host is a 421."""
    face.ours_only("names Rapide's own option")
    if face.follows_fastapi("has no such option; its middleware compares letter by letter"):
        return
    app = face.app(allowed_hosts=["example.com", "*.example.org"])
    app.get("/")(lambda: 1)
    assert ask(app, "GET", "/", host=host).status == (200 if served else 421)


@pytest.mark.row("HST-06")
def test_hst_06_links_lead_to_the_public_address(face: Face):
    """With `public_url` no Host bends a link, as in a mail for a new password."""
    face.ours_only("names Rapide's own option")
    answer = _url(face, host=b"evil.com", options={"public_url": "https://example.com"})
    assert answer.json["url"] == "https://example.com/url"
    app = face.app()
    app.get("/url", name="here")(lambda: 1)
    assert app.url_path_for("here") == "/url"


@pytest.mark.row("HST-07")
def test_hst_07_development_server_knows_its_names(face: Face, tmp_path, monkeypatch):
    """`rapide dev` on this machine answers to no name of the net: a page could have one lead here."""
    face.native_only("the command line is the same for both faces")
    from rapide.cli.discover import Target
    from rapide.cli.worker import ServePlan, load_for_serving

    (tmp_path / "rebinding_main.py").write_text(
        "from rapide import Rapide\napp = Rapide()\napp.get('/')(lambda: 1)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for development, host, status in (
        (True, "127.0.0.1", 421),
        (True, "0.0.0.0", 200),
        (False, "127.0.0.1", 200),
    ):
        monkeypatch.delitem(__import__("sys").modules, "rebinding_main", raising=False)
        plan = ServePlan(Target("rebinding_main", "app", str(tmp_path)), development, host, 8000)
        app = load_for_serving(plan).app
        assert ask(app, "GET", "/", host=b"attacker.test").status == status
        assert ask(app, "GET", "/", host=b"localhost:8000").status == 200


@pytest.mark.row("HST-09")
@pytest.mark.parametrize("address", ["<script>", "unknown", "_hidden", "1.2.3", "a" * 1_000, "127.0.0.1'"])
def test_hst_09_forwarded_addresses_that_are_none(face: Face, address: str):
    """What a server took from X-Forwarded-For and is no address is not the address of the client."""
    answer = _url(face, headers=[(b"x-forwarded-for", address.encode())], client=(address, 0))
    if face.follows_fastapi("believes the server"):
        assert answer.json["client"] == address
        return
    assert answer.json["client"] is None


@pytest.mark.row("HST-08", "HST-09")
@pytest.mark.parametrize("address", ["1.1.1.1", "2001:db8::1", "::ffff:10.0.0.1"])
def test_hst_08_forwarded_addresses(face: Face, address: str):
    """What a trusted proxy forwards is the client; the application does not read the header itself."""
    headers = [(b"x-forwarded-for", b"6.6.6.6, " + address.encode())]
    assert _url(face, headers=headers, client=(address, 0)).json["client"] == address
    assert _url(face, headers=headers, client=("9.9.9.9", 0)).json["client"] == "9.9.9.9"


@pytest.mark.row("HST-10")
@pytest.mark.parametrize("scheme", ["javascript", "https://evil", "file", ""])
def test_hst_10_forwarded_schemes_that_are_none(face: Face, scheme: str):
    """A scheme that a proxy made up is a 400; the header alone changes nothing."""
    answer = _url(face, headers=[(b"x-forwarded-proto", scheme.encode())], scheme=scheme)
    if face.follows_fastapi("believes the server"):
        assert answer.status == 200
        return
    assert answer.status == 400
    assert _url(face, headers=[(b"x-forwarded-proto", b"https")]).json["scheme"] == "http"


@pytest.mark.row("HST-11")
@pytest.mark.parametrize("name", [b"x_forwarded_for", b"x_real_ip", b"forwarded_", b"content_length", b"x_a"])
def test_hst_11_headers_with_underscores(face: Face, name: bytes):
    """A header that would be another one with dashes does not come in (CVE-2026-3902)."""
    app = face.app()

    @app.get("/names")
    def read(request: face.Request):
        return list(request.headers)

    answer = ask(app, "GET", "/names", headers=[(name, b"1"), (b"x-a", b"2"), (b"my_own", b"3")])
    if face.follows_fastapi("hands on what the server delivers"):
        assert name.decode() in answer.json
        return
    assert answer.json == ["host", "x-a", "my_own"]


@pytest.mark.row("HST-12")
@pytest.mark.parametrize(
    ("allowed", "host", "served"),
    [
        ("[::1]", b"[0:0:0:0:0:0:0:1]:8000", True),
        ("[0:0::1]", b"[::1]", True),
        ("10.0.0.1", b"[::ffff:10.0.0.1]", True),
        ("10.0.0.1", b"[::ffff:a00:1]", True),
        ("[::ffff:10.0.0.1]", b"10.0.0.1", True),
        ("8.0.0.1", b"010.0.0.1", False),
        ("10.0.0.1", b"010.0.0.1", False),
        ("10.0.0.1", b"167772161", False),
        ("[::1]", b"[::2]", False),
    ],
)
def test_hst_12_addresses_are_compared_and_not_their_spelling(
    face: Face, allowed: str, host: bytes, served: bool
):
    """An address in `allowed_hosts` is that address however it is written, and no octal or decimal number."""
    face.ours_only("has no such option")
    app = face.app(allowed_hosts=[allowed])
    app.get("/")(lambda: {"read": True})
    assert ask(app, "GET", "/", host=host).status == (200 if served else 421)


@pytest.mark.row("HST-13")
def test_hst_13_brake_counts_the_peer_and_not_what_it_says(face: Face):
    """Whoever guesses passwords gets no new attempts by another X-Forwarded-For; another peer has its own."""
    face.native_only("has no brake")
    auth = importlib.import_module("rapide.auth")

    async def find(name: str) -> None:
        return None

    app = face.app()
    attempts = auth.Attempts(limit=2)
    accounts = importlib.import_module("rapide.auth.accounts").Login(find, attempts=attempts)

    @app.get("/")
    async def log_in(request: face.Request):
        await accounts.check(request, "ada", "wrong")

    def status(peer: str, forwarded: str) -> int:
        forged = [(name, forwarded.encode()) for name in (b"x-forwarded-for", b"x-real-ip", b"forwarded")]
        return ask(app, "GET", "/", headers=forged, client=(peer, 0)).status

    assert [status("10.0.0.1", f"1.1.1.{number}") for number in range(3)] == [200, 200, 429]
    assert status("10.0.0.2", "10.0.0.1") == 200
