"""What routes ask for: a session per request, and the things that live as long as the application."""

from collections.abc import AsyncIterator
from typing import Annotated, TypedDict

from sqlalchemy.ext.asyncio import AsyncSession

from rapide import Depends, Request
from shop.database import Database
from shop.services.confirmations import Confirmations
from shop.settings import Settings


class State(TypedDict):
    """What the lifespan makes, and every request finds in `request.state`."""

    settings: Settings
    database: Database
    confirmations: Confirmations
    identity: object


# Coroutines, although nothing is awaited: plain functions run on threads, and this is not worth the trip.
async def get_settings(request: Request) -> Settings:
    settings: Settings = request.state.settings
    return settings


async def get_database(request: Request) -> Database:
    database: Database = request.state.database
    return database


async def get_confirmations(request: Request) -> Confirmations:
    confirmations: Confirmations = request.state.confirmations
    return confirmations


CurrentSettings = Annotated[Settings, Depends(get_settings)]
CurrentDatabase = Annotated[Database, Depends(get_database)]
CurrentConfirmations = Annotated[Confirmations, Depends(get_confirmations)]


async def open_session(request: Request, database: CurrentDatabase) -> AsyncIterator[AsyncSession]:
    """One transaction per request: for reading if the method promises to change nothing, else for writing."""
    async with database.transaction(write=request.method not in {"GET", "HEAD"}) as session:
        yield session


# The scope makes the commit happen when the route returned and before the answer leaves: a client that reads
# "201 Created" can rely on it, and a commit that fails is an error the client sees.
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
