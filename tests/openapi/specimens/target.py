"""The framework that the specimens are written for, by name: Rapide's FastAPI face, or FastAPI itself.

FastAPI (`RAPIDE_SURFACE_TARGET=fastapi`) must give the recorded documents too: they were recorded from it.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

TARGET = os.environ.get("RAPIDE_SURFACE_TARGET", "rapide.fastapi")


def load(name: str = "") -> Any:
    """Return the target's module `name` ("" for the package itself)."""
    return import_module(f"{TARGET}.{name}" if name else TARGET)


_package = load()
APIRouter: Any = _package.APIRouter
Body: Any = _package.Body
Cookie: Any = _package.Cookie
Depends: Any = _package.Depends
FastAPI: Any = _package.FastAPI
File: Any = _package.File
Form: Any = _package.Form
Header: Any = _package.Header
Path: Any = _package.Path
Query: Any = _package.Query
Request: Any = _package.Request
Response: Any = _package.Response
Security: Any = _package.Security
UploadFile: Any = _package.UploadFile

_responses = load("responses")
FileResponse: Any = _responses.FileResponse
HTMLResponse: Any = _responses.HTMLResponse
JSONResponse: Any = _responses.JSONResponse
PlainTextResponse: Any = _responses.PlainTextResponse
RedirectResponse: Any = _responses.RedirectResponse
StreamingResponse: Any = _responses.StreamingResponse
EventSourceResponse: Any = _responses.EventSourceResponse
ServerSentEvent: Any = load("sse").ServerSentEvent

SPECIMENS: dict[str, Callable[[], Any]] = {}


def specimen(make: Callable[[], Any]) -> Callable[[], Any]:
    """Register a function that makes an application, under its own name."""
    assert make.__name__ not in SPECIMENS, make.__name__
    SPECIMENS[make.__name__] = make
    return make
