"""`fastapi.applications`: the application with FastAPI's defaults."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar, Unpack

from rapide.app import Rapide
from rapide.app_options import APP_DEFAULTS, AppOptions
from rapide.behaviour import FASTAPI, Behaviour
from rapide.docs import get_redoc_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from rapide.errors import FastAPIDeprecationWarning
from rapide.fastapi.routing import APIRouter
from rapide.options import keyword_signature

__all__ = ["FastAPI", "get_redoc_html", "get_swagger_ui_html", "get_swagger_ui_oauth2_redirect_html"]


class FastAPI(Rapide):
    """An application that behaves as FastAPI's do."""

    default_behaviour: ClassVar[Behaviour] = FASTAPI
    router_class: ClassVar[type[APIRouter]] = APIRouter

    def __init__(self, **options: Unpack[AppOptions]) -> None:
        if options.get("root_path"):
            warnings.warn(
                "`root_path` of the application is deprecated: give it to the server",
                FastAPIDeprecationWarning,
                stacklevel=2,
            )
        super().__init__(**options)


_DEFAULTS: dict[str, Any] = {**APP_DEFAULTS, "title": "FastAPI"}
FastAPI.__signature__ = keyword_signature((), _DEFAULTS)  # type: ignore[attr-defined]
