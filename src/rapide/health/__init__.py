"""Health: routes that tell whether a process lives, has started, and can take requests.

In: functions that check what an application needs. Out: a router with `/livez`, `/readyz` and `/startupz`,
the names that Kubernetes uses. Must not know: the application, middleware, documents.
"""

from rapide.health.router import health_router

__all__ = ["health_router"]
