"""Where refresh tokens, sessions, one-time codes and API keys are kept.

In: bytes under a key, with an expiry and a group. Out: the same, until they expire or somebody takes them
back. One protocol, `Store`, and three of its kind. A store knows nothing of what it keeps.
"""

from typing import TYPE_CHECKING

from rapide._lazy import load_on_demand

if TYPE_CHECKING:
    from rapide.auth.stores.base import Store
    from rapide.auth.stores.memory import MemoryStore
    from rapide.auth.stores.redis import RedisStore
    from rapide.auth.stores.sql import SQLStore, store_table

__all__ = ["MemoryStore", "RedisStore", "SQLStore", "Store", "store_table"]

_HOMES = {
    "MemoryStore": "rapide.auth.stores.memory",
    "RedisStore": "rapide.auth.stores.redis",
    "SQLStore": "rapide.auth.stores.sql",
    "Store": "rapide.auth.stores.base",
    "store_table": "rapide.auth.stores.sql",
}

# Two of the stores need packages that not everybody has.
__getattr__ = load_on_demand(__name__, _HOMES)
