"""What routers have from Starlette, on Rapide's face."""

import pytest
from starlette.responses import PlainTextResponse

from rapide import APIRouter, Rapide
from rapide.testclient import TestClient


@pytest.mark.parametrize("path", ["/q/outer/route", "/q/outer/mounted", "/q/outer/inner/route"])
def test_raw_routes_stand_below_the_prefixes_of_their_routers(path):
    """A prefix is that of everything that a router holds."""
    outer, inner = APIRouter(prefix="/outer"), APIRouter(prefix="/inner")
    inner.add_route("/route", lambda request: PlainTextResponse("found"))
    outer.route("/route")(lambda request: PlainTextResponse("found"))
    outer.mount("/mounted", PlainTextResponse("found"))
    outer.include_router(inner)
    app = Rapide()
    app.include_router(outer, prefix="/q")
    assert TestClient(app).get(path).text == "found"
