"""fastapi-users and rapide.auth in one application: each knows users of its own."""

from typing import Annotated

from users import User, app, current_user

from fastapi import Depends
from rapide import auth

tokens = auth.Tokens(auth.generate_secret(), issuer="https://library.example", audience="library")
accounts = {"ben": auth.Account(subject="1", password_hash=auth.Passwords().hash_sync("correct horse"))}


async def find_account(name: str) -> auth.Account | None:
    return accounts.get(name)


login = auth.PasswordFlow(tokens, find_account=find_account, refresh=auth.RefreshTokens(auth.MemoryStore()))
app.include_router(login.router)
Claims = Annotated[auth.Claims, auth.Token(tokens)]


@app.get("/ours")
async def ours(claims: Claims):
    return {"ours": claims.sub}


@app.get("/both")
async def both(claims: Claims, user: Annotated[User, Depends(current_user)]):
    return {"ours": claims.sub, "theirs": user.email}
