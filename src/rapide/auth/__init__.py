"""Who is calling, and may they: verified authentication and authorisation, declared in type hints.

In: credentials of a request, and what the application keeps about its users. Out: typed users, or 401 or 403
with the right challenge. It may know routers and security schemes; nothing in the engine knows it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapide.auth.stores.base import Store
    from rapide.auth.stores.memory import MemoryStore
    from rapide.auth.stores.redis import RedisStore
    from rapide.auth.stores.sql import SQLStore, store_table

__all__ = [
    "MemoryStore",
    "RedisStore",
    "SQLStore",
    "Store",
    "store_table",
]

_HOMES = {
    "MemoryStore": "rapide.auth.stores.memory",
    "RedisStore": "rapide.auth.stores.redis",
    "SQLStore": "rapide.auth.stores.sql",
    "Store": "rapide.auth.stores.base",
    "store_table": "rapide.auth.stores.sql",
}


def __getattr__(name: str) -> Any:
    """Import a name from its file when somebody first uses it: each part brings packages of its own."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
