import os
from typing import Annotated

from rapide import Rapide, auth

secret = os.environ.get("SECRET") or auth.generate_secret()
tokens = auth.Tokens(secret, issuer="https://library.example", audience="library")
store = auth.MemoryStore()
api_keys = auth.APIKeys(store)
password_hash = auth.Passwords().hash_sync("correct horse")
accounts = {
    "ada": auth.Account(subject="1", password_hash=password_hash, roles=("librarian",)),
    "bob": auth.Account(subject="2", password_hash=password_hash),
}


async def find_account(name: str) -> auth.Account | None:
    return accounts.get(name)


login = auth.PasswordFlow(
    tokens, find_account=find_account, refresh=auth.RefreshTokens(store)
)
app = Rapide(title="Library")
app.include_router(login.router)

User = Annotated[auth.Claims, auth.Token(tokens)]
librarian = auth.requires(auth.Token(tokens), roles="librarian")
Scanner = Annotated[auth.APIKey, auth.VerifiedAPIKey(api_keys, scopes=["loans:write"])]


@app.get("/me")
async def read_me(user: User) -> dict[str, str]:
    return {"id": user.sub}


@app.post("/keys", auth=librarian)
async def make_key(user: User) -> dict[str, str]:
    key, _ = await api_keys.create(user.sub, scopes=["loans:write"])
    return {"key": key}


@app.post("/loans")
async def lend(scanner: Scanner) -> dict[str, str]:
    return {"lent by": scanner.owner}
