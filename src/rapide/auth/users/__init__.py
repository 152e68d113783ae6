"""Users, ready made: register, prove an address, log in, reset and change a password, leave.

In: a storage for users, a store for one-time codes, a function that sends mail. Out: routes, and the
dependency that gives the user who is calling. Each route can be left out and written by hand on the same
methods.
"""

from typing import TYPE_CHECKING

from rapide._lazy import load_on_demand

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

# The SQL storage brings SQLAlchemy.
__getattr__ = load_on_demand(__name__, _HOMES)
