"""Rapide: APIs from type hints."""

from starlette import status

from rapide.app import Rapide
from rapide.background import BackgroundTasks
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.datastructures import UploadFile
from rapide.exceptions import HTTPException, WebSocketException
from rapide.param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from rapide.requests import Request
from rapide.responses import Response
from rapide.routing import APIRouter
from rapide.websockets import WebSocket, WebSocketDisconnect

__version__ = "0.1.0"

__all__ = [
    "FASTAPI",
    "RAPIDE",
    "APIRouter",
    "BackgroundTasks",
    "Behaviour",
    "Body",
    "Cookie",
    "Depends",
    "File",
    "Form",
    "HTTPException",
    "Header",
    "Path",
    "Query",
    "Rapide",
    "Request",
    "Response",
    "Security",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "__version__",
    "status",
]
