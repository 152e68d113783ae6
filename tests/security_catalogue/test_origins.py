"""COR: what a foreign page says of itself, and asks for, is no more than text."""

import pytest
from catalogue_asking import ask
from catalogue_faces import Face


def _cors(face: Face, **options: object):
    face.native_only("FastAPI's middleware is Starlette's")
    app = face.app()
    app.add_middleware(face.part("middleware.cors").CORSMiddleware, **options)
    app.get("/")(lambda: {"read": True})
    return app


@pytest.mark.row("COR-02")
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (b"https://shop.example.com", True),
        (b"https://evil.net/.example.com", False),
        (b"https://evil.net?.example.com", False),
        (b"https://evil.net\t.example.com", False),
        (b"https://user@shop.example.com", False),
    ],
)
def test_cor_02_pattern_is_asked_about_origins_alone(face: Face, origin: bytes, allowed: bool):
    """A pattern that takes too much takes nothing that no browser would send as an origin."""
    app = _cors(face, allow_origin_regex=r"https://.*\.example\.com", allow_credentials=True)
    answer = ask(app, "GET", "/", headers=[(b"origin", origin)])
    assert answer.header("access-control-allow-origin") == (origin.decode() if allowed else None)


@pytest.mark.row("HDR-01")
@pytest.mark.parametrize("names", [b"x-a\r\nset-cookie: a=1", b"x-a\0", b"x-\xff", b'"'])
def test_hdr_01_preflight_repeats_no_names_that_are_none(face: Face, names: bytes):
    """The headers that a page asks for are repeated to it: what is no name is a 400, and no server error."""
    app = _cors(face, allow_origins=["https://example.com"], allow_headers=["*"], allow_credentials=True)
    asked = [(b"origin", b"https://example.com"), (b"access-control-request-method", b"GET")]
    answer = ask(app, "OPTIONS", "/", headers=[*asked, (b"access-control-request-headers", names)])
    assert (answer.status, answer.header("access-control-allow-headers")) == (400, None)
    fine = ask(
        app, "OPTIONS", "/", headers=[*asked, (b"access-control-request-headers", b"X-A, content-type")]
    )
    assert (fine.status, fine.header("access-control-allow-headers")) == (200, "X-A, content-type")
