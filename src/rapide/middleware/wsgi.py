"""A WSGI application as an ASGI one. Starlette deprecates it in favour of a2wsgi, and warns at the import."""

from starlette.middleware.wsgi import WSGIMiddleware

__all__ = ["WSGIMiddleware"]
