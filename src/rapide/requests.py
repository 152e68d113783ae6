"""What a client sent: the request, and the part of it that HTTP requests and WebSockets share."""

from starlette.requests import HTTPConnection, Request

__all__ = ["HTTPConnection", "Request"]
