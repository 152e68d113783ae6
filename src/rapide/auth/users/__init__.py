"""Users, ready made: register, prove an address, log in, reset and change a password, leave.

In: a storage for users, a store for one-time codes, a function that sends mail. Out: routes, and the
dependency that gives the user who is calling. Each route can be left out and written by hand on the same
methods.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapide.auth.users.mail import UserMail
    from rapide.auth.users.routes import users_router
    from rapide.auth.users.sql import SQLUsers, UserColumns
    from rapide.auth.users.storage import EmailTakenError, UserStorage
    from rapide.auth.users.users import InvalidCodeError, Users

__all__ = [
    "EmailTakenError",
    "InvalidCodeError",
    "SQLUsers",
    "UserColumns",
    "UserMail",
    "UserStorage",
    "Users",
    "users_router",
]

_HOMES = {
    "EmailTakenError": "rapide.auth.users.storage",
    "InvalidCodeError": "rapide.auth.users.users",
    "SQLUsers": "rapide.auth.users.sql",
    "UserColumns": "rapide.auth.users.sql",
    "UserMail": "rapide.auth.users.mail",
    "UserStorage": "rapide.auth.users.storage",
    "Users": "rapide.auth.users.users",
    "users_router": "rapide.auth.users.routes",
}


def __getattr__(name: str) -> Any:
    """Import a name from its file when somebody first uses it: the SQL storage brings SQLAlchemy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
