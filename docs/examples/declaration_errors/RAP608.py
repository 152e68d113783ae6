from rapide.auth import MemoryStore, SessionUser
from rapide.auth.users import UserMail, Users, users_router


async def send(mail: UserMail) -> None: ...


async def revoke(user: str) -> None: ...


users = Users({}, codes=MemoryStore(), send=send, caller=SessionUser(), revoke=revoke)
router = users_router(users, without=["login"])
