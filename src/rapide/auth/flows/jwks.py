"""The public keys of the application as a route, for those who verify its tokens."""

from __future__ import annotations

from starlette.responses import Response

from rapide.auth.keys import Keys
from rapide.declare.depends import public
from rapide.responses import JSONResponse
from rapide.routing import APIRouter

__all__ = ["jwks_router"]


def jwks_router(keys: Keys, *, path: str = "/.well-known/jwks.json") -> APIRouter:
    """Return a router with the public halves of some keys as a JWK set (RFC 7517, section 5).

    Clients may keep it for five minutes: let a new key be a former one for longer than that before it signs.
    Secrets are in no set.

    Args:
        keys: The keys.
        path: Where the set is.
    """
    router = APIRouter(auth=public)

    @router.get(path, include_in_schema=False)
    async def read_keys() -> Response:
        return JSONResponse(
            keys.jwks(),
            headers={"Cache-Control": "public, max-age=300"},
            media_type="application/jwk-set+json",
        )

    return router
