"""The pages that show an API: Swagger UI, ReDoc, and the route of the OpenAPI document they read.

In come the paths and settings of an application and a function that gives its document as bytes; out come
Starlette routes (`docs_routes`), or one page at a time for an application that makes its own routes. The
pages named `*_page` load their files from the application itself and are bound by a strict Content Security
Policy; the functions with FastAPI's names make the pages that FastAPI makes, from a CDN.

This package must not know how a document is made: it sees no plan, no router and no application.
"""

from rapide.docs.assets import serve_asset
from rapide.docs.oauth_redirect import get_swagger_ui_oauth2_redirect_html, oauth2_redirect_page
from rapide.docs.policy import declared_origins
from rapide.docs.redoc import get_redoc_html, redoc_default_parameters, redoc_page
from rapide.docs.routes import CdnPages, docs_routes
from rapide.docs.swagger import get_swagger_ui_html, swagger_page, swagger_ui_default_parameters

__all__ = [
    "CdnPages",
    "declared_origins",
    "docs_routes",
    "get_redoc_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "oauth2_redirect_page",
    "redoc_default_parameters",
    "redoc_page",
    "serve_asset",
    "swagger_page",
    "swagger_ui_default_parameters",
]
