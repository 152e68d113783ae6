from dataclasses import dataclass

from rapide import Rapide
from rapide.auth import requires


@dataclass
class User:
    name: str


def current_user() -> User:
    return User("ada")


app = Rapide(auth=requires(current_user, roles="staff"))
