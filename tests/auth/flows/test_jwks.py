"""The public keys of the application as a route."""

import secrets

import pytest

import rapide
import rapide.fastapi
from rapide.auth import Key, Keys, jwks_router
from rapide.testclient import TestClient


@pytest.mark.parametrize("face", [rapide.Rapide, rapide.fastapi.FastAPI])
def test_the_set_can_be_read_by_everybody(face: type) -> None:
    """Current and former keys, with the media type of RFC 7517, and no secret."""
    keys = Keys(Key.generate(), former=[Key.generate("ES256"), secrets.token_urlsafe(32)])
    app = face()
    app.include_router(jwks_router(keys))
    answer = TestClient(app).get("/.well-known/jwks.json")
    assert answer.json() == keys.jwks()
    assert len(answer.json()["keys"]) == 2
    assert answer.headers["Content-Type"] == "application/jwk-set+json"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "/.well-known/jwks.json" not in app.openapi()["paths"]
