"""Layers around an application.

In: an ASGI application and options. Out: an ASGI application. A layer must not know of routes or endpoints.
`Middleware(Class, **options)` says which layer to put around an application; each has a module of its own.
"""

from starlette.middleware import Middleware

__all__ = ["Middleware"]
