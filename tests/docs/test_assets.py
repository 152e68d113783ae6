"""Tests of `rapide.docs.assets`."""

import gzip
import hashlib
import re
from importlib.resources import files

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from rapide.docs.assets import accepts_gzip, find_asset, read_text, serve_asset

_FILES = [
    *("swagger-ui.js", "swagger-ui.css", "oauth2-redirect.js", "redoc.js"),
    *("swagger-init.js", "redoc-init.js", "favicon.svg"),
]
_COMPRESSED = _FILES[:4]


@pytest.fixture
def client() -> TestClient:
    """A client that accepts no compression unless it says so."""
    app = Starlette(routes=[Route("/assets/{asset}", serve_asset)])
    return TestClient(app, headers={"accept-encoding": "identity"})


@pytest.mark.parametrize("file", _FILES)
def test_asset_names_its_checksum_when_asked_for(file: str) -> None:
    """The name in the URL holds the beginning of the content's SHA-256, and the content has that checksum."""
    asset = find_asset(file)
    digest = hashlib.sha256(asset.read()).hexdigest()
    stem, suffix = file.rsplit(".", 1)
    assert asset.name == f"{stem}-{digest[:12]}.{suffix}"
    assert asset.sha256 == digest


@pytest.mark.parametrize("file", _FILES)
def test_asset_is_kept_for_ever_when_served(client: TestClient, file: str) -> None:
    """An asset comes with its type, its tag and a life without end."""
    asset = find_asset(file)
    response = client.get(f"/assets/{asset.name}")
    assert response.status_code == 200
    assert response.content == asset.read()
    assert (
        response.headers["content-type"]
        == {
            "js": "text/javascript; charset=utf-8",
            "css": "text/css; charset=utf-8",
            "svg": "image/svg+xml",
        }[file.rsplit(".", 1)[1]]
    )
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("file", _COMPRESSED)
def test_asset_comes_compressed_when_the_client_accepts_gzip(client: TestClient, file: str) -> None:
    """The kept bytes are sent as they are, marked as another representation."""
    url = f"/assets/{find_asset(file).name}"
    plain = client.get(url)
    packed = client.get(url, headers={"accept-encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert packed.headers["etag"] != plain.headers["etag"]
    assert int(packed.headers["content-length"]) < len(packed.content)
    assert packed.content == plain.content


def test_asset_does_not_vary_when_it_is_not_compressed(client: TestClient) -> None:
    """A file that is kept plain is one representation for everybody."""
    url = f"/assets/{find_asset('favicon.svg').name}"
    response = client.get(url, headers={"accept-encoding": "gzip"})
    assert "vary" not in response.headers
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_asset_is_not_sent_again_when_the_client_has_it(client: TestClient, encoding: str) -> None:
    """If-None-Match with the tag of the same encoding gets 304 without a body."""
    url = f"/assets/{find_asset('swagger-ui.css').name}"
    tag = client.get(url, headers={"accept-encoding": encoding}).headers["etag"]
    response = client.get(url, headers={"accept-encoding": encoding, "if-none-match": tag})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == tag
    other = {"gzip": "identity", "identity": "gzip"}[encoding]
    assert client.get(url, headers={"accept-encoding": other, "if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "swagger-ui.js",
        "swagger-ui-000000000000.js",
        "vendored.json",
        "..%2fassets.py",
        "%2e%2e",
        "licences%2fredoc.txt",
    ],
)
def test_asset_is_not_found_when_no_file_has_that_name(client: TestClient, name: str) -> None:
    """Only whole names of assets are known: no other file of the package can be read."""
    assert client.get(f"/assets/{name}").status_code == 404


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "x-gzip",
        "GZIP",
        "br, gzip",
        "gzip;q=0.5",
        "gzip ; Q=1",
        "*",
        "br;q=1, *;q=0.1",
        "deflate,gzip",
    ],
)
def test_gzip_is_accepted_when_the_header_allows_it(header: str) -> None:
    """By its name, by its old name, or by the wildcard."""
    assert accepts_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip;q=0.000",
        "*;q=0",
        "*, gzip;q=0",
        "gzip;q=x",
        "gzip;level=9",
        "gzipped",
    ],
)
def test_gzip_is_refused_when_the_header_does_not_allow_it(header: str) -> None:
    """Not named, weighed with nothing, or written in a way that nobody can read."""
    assert not accepts_gzip(header)


def test_vendored_scripts_report_to_nobody_when_a_page_loads_them() -> None:
    """What ReDoc would load from its maker's host on every page is edited out."""
    assert "cdn.redoc.ly" not in read_text("redoc.js")


def test_vendored_redirect_script_can_stand_inside_a_page() -> None:
    """FastAPI's redirect page carries the script inside, which must not end its element."""
    assert not re.search("</script|<!--", read_text("oauth2-redirect.js"), re.IGNORECASE)


def test_vendored_packages_come_with_their_licences() -> None:
    """The wheel holds the licence of each package, and what each asks to be kept with it."""
    licences = {
        path.name: path.read_text(encoding="utf-8")
        for path in (files("rapide.docs") / "static/licences").iterdir()
    }
    assert "Apache License" in licences["swagger-ui.txt"]
    assert "SmartBear" in licences["swagger-ui-notice.txt"]
    assert "Redocly" in licences["redoc.txt"]
    assert "DOMPurify" in licences["swagger-ui-libraries.txt"]


@pytest.mark.parametrize("file", _COMPRESSED)
def test_compressed_files_hold_no_name_and_no_time(file: str) -> None:
    """The kept bytes depend on the content alone: no time stamp, no path (RFC 1952, section 2.3)."""
    kept = (files("rapide.docs") / "static" / f"{file}.gz").read_bytes()
    assert kept[3] == 0
    assert kept[4:8] == bytes(4)
    assert gzip.decompress(kept) == find_asset(file).read()
