"""From a plan to a function.

In: `RoutePlan`, `SocketPlan`. Out: an ASGI function with its source on it.
Must not know: signatures, declarations, the application.
"""

from rapide._compile.handler import compile_route
from rapide._compile.socket import compile_socket

__all__ = ["compile_route", "compile_socket"]
