"""The framework under test, reached by name so that one suite can drive either implementation.

`rapide.fastapi` is the default; `RAPIDE_SURFACE_TARGET=fastapi` drives the real FastAPI, which keeps the
suite honest: it must be green there too. Tests are numbered after `fastapi-surface.md`: "4.6.3" is the third
bullet of section 4.6, "5.2.7" the seventh rule of section 5.2, "3.1 title" the row `title` of the table.
"""

import os
from importlib import import_module
from typing import Any

TARGET = os.environ.get("RAPIDE_SURFACE_TARGET", "rapide.fastapi")


def load(name: str = "") -> Any:
    """Return the target's module `name` ("" for the package itself)."""
    return import_module(f"{TARGET}.{name}" if name else TARGET)


_package = load()
APIRouter: Any = _package.APIRouter
BackgroundTasks: Any = _package.BackgroundTasks
Body: Any = _package.Body
Cookie: Any = _package.Cookie
Depends: Any = _package.Depends
FastAPI: Any = _package.FastAPI
File: Any = _package.File
Form: Any = _package.Form
HTTPException: Any = _package.HTTPException
Header: Any = _package.Header
Path: Any = _package.Path
Query: Any = _package.Query
Request: Any = _package.Request
Response: Any = _package.Response
Security: Any = _package.Security
UploadFile: Any = _package.UploadFile
WebSocket: Any = _package.WebSocket
WebSocketDisconnect: Any = _package.WebSocketDisconnect
WebSocketException: Any = _package.WebSocketException

_responses = load("responses")
FileResponse: Any = _responses.FileResponse
HTMLResponse: Any = _responses.HTMLResponse
JSONResponse: Any = _responses.JSONResponse
PlainTextResponse: Any = _responses.PlainTextResponse
RedirectResponse: Any = _responses.RedirectResponse
StreamingResponse: Any = _responses.StreamingResponse

_exceptions = load("exceptions")
DependencyScopeError: Any = _exceptions.DependencyScopeError
FastAPIDeprecationWarning: Any = _exceptions.FastAPIDeprecationWarning
FastAPIError: Any = _exceptions.FastAPIError
RequestValidationError: Any = _exceptions.RequestValidationError
ResponseValidationError: Any = _exceptions.ResponseValidationError

_routing = load("routing")
APIRoute: Any = _routing.APIRoute
APIWebSocketRoute: Any = _routing.APIWebSocketRoute
iter_route_contexts: Any = _routing.iter_route_contexts

HTTPConnection: Any = load("requests").HTTPConnection
Middleware: Any = load("middleware").Middleware
SecurityScopes: Any = load("security").SecurityScopes
TestClient: Any = load("testclient").TestClient
TestClient.__test__ = False  # its name would make pytest collect it


def served_document(app: Any) -> dict[str, Any]:
    """Return the OpenAPI document that `app` serves."""
    response = TestClient(app).get("/openapi.json")
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    return document
