"""The files that the pages load, served by the application itself under names that contain their checksum.

Three kinds of file stand in `static/`: those of Swagger UI and ReDoc, which `scripts/vendor-docs` writes
there and `vendored.json` pins; our own scripts, which start them; and the icon. A name changes with the
content, so a browser may keep a file for ever, and a page never meets the script of another release.
"""

import functools
import gzip
import hashlib
import json
from importlib.resources import files
from pathlib import PurePosixPath

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from rapide._dataclass import dataclass
from rapide.docs.entity_tags import is_unchanged

__all__ = ["Asset", "find_asset", "read_text", "serve_asset"]

_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_OWN = ("swagger-init.js", "redoc-init.js", "favicon.svg")

# A year is the longest that caches are asked to keep anything.
_CACHE_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that a page loads."""

    file: str  # its name in static/, without .gz
    sha256: str
    is_compressed: bool  # kept as .gz

    @property
    def name(self) -> str:
        """The last part of its URL: `swagger-ui-e6a898692f2d.js`."""
        path = PurePosixPath(self.file)
        return f"{path.stem}-{self.sha256[:12]}{path.suffix}"

    @property
    def media_type(self) -> str:
        """Its Content-Type."""
        return _MEDIA_TYPES[PurePosixPath(self.file).suffix]

    def read(self, *, compressed: bool = False) -> bytes:
        """Return its content, as gzip if `compressed`, which only a file kept so has."""
        if not self.is_compressed:
            return _read_static(self.file)
        content = _read_static(f"{self.file}.gz")
        return content if compressed else gzip.decompress(content)


def _read_static(file: str) -> bytes:
    return (files("rapide.docs") / "static" / file).read_bytes()


@functools.cache
def _assets() -> dict[str, Asset]:
    """Every asset by its name in static/."""
    vendored = json.loads(_read_static("vendored.json"))
    pinned = (entry for package in vendored["packages"] for entry in package["files"])
    assets = [
        Asset(entry["file"], entry["sha256"], is_compressed=True)
        for entry in pinned
        if PurePosixPath(entry["file"]).suffix in _MEDIA_TYPES
    ]
    for file in _OWN:
        digest = hashlib.sha256(_read_static(file)).hexdigest()
        assets.append(Asset(file, digest, is_compressed=False))
    return {asset.file: asset for asset in assets}


@functools.cache
def _assets_by_name() -> dict[str, Asset]:
    return {asset.name: asset for asset in _assets().values()}


def find_asset(file: str) -> Asset:
    """Return the asset of a file in static/, such as `swagger-ui.js`.

    Raises:
        KeyError: there is no such file.
    """
    return _assets()[file]


def read_text(file: str) -> str:
    """Return the text of an asset, for a page that carries it inside.

    Raises:
        KeyError: there is no such file.
    """
    return find_asset(file).read().decode()


async def serve_asset(request: Request) -> Response:
    """Answer for a route whose path parameter `asset` is the name of an asset.

    Raises:
        HTTPException: 404, there is no asset of that name.
    """
    asset = _assets_by_name().get(request.path_params["asset"])
    if asset is None:
        raise HTTPException(status_code=404)
    compressed = asset.is_compressed and accepts_gzip(request.headers.get("accept-encoding", ""))
    # Two encodings are two representations, and a strong tag names one of them (RFC 9110, section 8.8.3.3).
    entity_tag = f'"{asset.sha256[:32]}{"-gzip" if compressed else ""}"'
    headers = {
        "cache-control": _CACHE_FOR_EVER,
        "etag": entity_tag,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    if asset.is_compressed:
        headers["vary"] = "accept-encoding"
    if is_unchanged(request, entity_tag):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["content-encoding"] = "gzip"
    content = await run_in_threadpool(asset.read, compressed=compressed)
    return Response(content, headers=headers, media_type=asset.media_type)


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, _, parameter = item.partition(";")
        weights[coding.strip()] = _weight(parameter)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(parameter: str) -> float:
    """Read `q=0.5`. What cannot be read counts as no: the plain file is right for everybody."""
    name, _, value = parameter.partition("=")
    if not name.strip():
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
