"""An application over a pool of five connections; `FRAMEWORK` names the framework: peers can be asked, too.

Each route meets the pool at another place: between `def` functions that share a trip to a thread stand
`async def` functions, which make several trips of it.
"""

# ruff: noqa: D103 -- the tests say what these endpoints are for

import asyncio
import importlib
import os
import time
from collections.abc import Iterator
from typing import Annotated, Any

from sqlalchemy import Connection, QueuePool, create_engine, text
from sqlalchemy.orm import Session

framework: Any = importlib.import_module(os.environ.get("FRAMEWORK", "rapide"))
Depends = framework.Depends
app = framework.Rapide() if framework.__name__ == "rapide" else framework.FastAPI()

engine = create_engine(
    "sqlite://", poolclass=QueuePool, pool_size=5, max_overflow=0, connect_args={"check_same_thread": False}
)
_WORK_SECONDS = 0.002

PATHS = ("/plain", "/mixed", "/later", "/lazy")


def connect() -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def open_session() -> Iterator[Session]:
    with Session(engine) as session:  # asks the pool when it is first used
        yield session


Connected = Annotated[Connection, Depends(connect)]
Opened = Annotated[Session, Depends(open_session)]


async def look_up() -> str:
    await asyncio.sleep(_WORK_SECONDS)
    return "user"


def read_settings() -> str:
    return "settings"


def read_user(session: Opened) -> str:
    return str(session.execute(text("select 'user'")).scalar_one())


async def permit(user: Annotated[str, Depends(read_user)]) -> str:
    await asyncio.sleep(_WORK_SECONDS)
    return user


def _ask(connection: Any) -> int:
    time.sleep(_WORK_SECONDS)
    return int(connection.execute(text("select 42")).scalar_one())


@app.get("/used")
async def used() -> int:
    return engine.pool.checkedout()  # type: ignore[attr-defined]  # QueuePool has it


@app.get("/plain")
def plain(connection: Connected) -> int:
    return _ask(connection)


@app.get("/mixed")
def mixed(connection: Connected, user: Annotated[str, Depends(look_up)]) -> int:
    return _ask(connection)


@app.get("/later")
def later(
    settings: Annotated[str, Depends(read_settings)],
    user: Annotated[str, Depends(look_up)],
    connection: Connected,
    again: Annotated[str, Depends(look_up, use_cache=False)],
) -> int:
    return _ask(connection)


@app.get("/lazy")
def lazy(session: Opened, user: Annotated[str, Depends(permit)]) -> int:
    return _ask(session)
