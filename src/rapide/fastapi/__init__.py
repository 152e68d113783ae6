"""FastAPI's face: its names, modules and observable behaviour, on Rapide's engine.

Applications move over by changing their imports from `fastapi` to `rapide.fastapi`; with `alias_fastapi()`
not even that.
"""

from starlette import status
from starlette.responses import Response

from rapide._lazy import load_submodules
from rapide.background import ChainedBackgroundTasks as BackgroundTasks
from rapide.datastructures import UploadFile
from rapide.exceptions import HTTPException, WebSocketException
from rapide.fastapi.alias import alias_fastapi
from rapide.fastapi.applications import FastAPI
from rapide.fastapi.routing import APIRouter
from rapide.param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from rapide.requests import Request
from rapide.websockets import WebSocket, WebSocketDisconnect

# The version of FastAPI whose behaviour this is; packages compare it.
__version__ = "0.165.0"

__all__ = [
    "APIRouter",
    "BackgroundTasks",
    "Body",
    "Cookie",
    "Depends",
    "FastAPI",
    "File",
    "Form",
    "HTTPException",
    "Header",
    "Path",
    "Query",
    "Request",
    "Response",
    "Security",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "alias_fastapi",
    "status",
]

# FastAPI loads these when it is imported, so that code uses them as attributes.
__getattr__ = load_submodules(
    __name__,
    "background",
    "concurrency",
    "datastructures",
    "encoders",
    "exception_handlers",
    "exceptions",
    "middleware",
    "openapi",
    "param_functions",
    "params",
    "requests",
    "responses",
    "security",
    "sse",
    "telemetry",
    "types",
    "websockets",
)
