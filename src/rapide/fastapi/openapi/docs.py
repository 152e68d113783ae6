"""`fastapi.openapi.docs`."""

from starlette.responses import HTMLResponse

from rapide.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
    swagger_ui_default_parameters,
)
from rapide.encoders import jsonable_encoder

__all__ = [
    "HTMLResponse",
    "get_redoc_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "jsonable_encoder",
    "swagger_ui_default_parameters",
]
