"""What the programs of packages that inject have in common: a thing for each request, closed after it."""

from collections.abc import AsyncIterator

closed: list[int] = []


class Settings:
    greeting = "hello"


class Session:
    made = 0

    def __init__(self, settings: Settings) -> None:
        Session.made += 1
        self.number = Session.made
        self.settings = settings

    def greet(self, name: str) -> dict[str, object]:
        return {"text": f"{self.settings.greeting} {name}", "session": self.number}


async def open_session(settings: Settings) -> AsyncIterator[Session]:
    session = Session(settings)
    yield session
    closed.append(session.number)
