from typing import Annotated

from rapide import Depends, Form, HTTPException, Rapide, Request
from rapide.auth import (
    MemoryStore,
    SessionMiddleware,
    Sessions,
    SessionUser,
    csrf_token,
    hash_password,
    public,
    verify_password,
)

sessions = Sessions(MemoryStore())
logged_in = SessionUser()

app = Rapide(title="Library", auth=logged_in)
app.add_middleware(SessionMiddleware, sessions=sessions, development=True)

passwords: dict[str, str] = {}
Text = Annotated[str, Form()]
User = Annotated[str, Depends(logged_in)]


@app.post("/readers", auth=public, status_code=201)
async def register(name: Text, password: Text) -> None:
    if name in passwords:
        raise HTTPException(409)
    passwords[name] = await hash_password(password)


@app.post("/login", auth=public)
async def log_in(request: Request, name: Text, password: Text) -> None:
    if not await verify_password(password, passwords.get(name)):
        raise HTTPException(403, "Wrong name or password.")
    request.session.login(name)


@app.post("/logout")
async def log_out(request: Request) -> None:
    request.session.logout()


@app.delete("/sessions")
async def log_out_everywhere(user: User) -> int:
    return await sessions.revoke(user)


@app.post("/basket/{book}")
async def add_to_basket(request: Request, book: str) -> list[str]:
    basket: list[str] = request.session.setdefault("basket", [])
    basket.append(book)
    return basket


@app.get("/token", auth=public)
async def read_token(token: Annotated[str, Depends(csrf_token)]) -> str:
    return token
