"""What goes through the sockets."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter

RoomName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,19}$")]


class Room(BaseModel):
    name: RoomName
    topic: str | None = Field(None, max_length=80, examples=["What we had for lunch"])
    private: bool = False


class Said(BaseModel):
    """A message, as it was stored."""

    kind: Literal["said"] = "said"
    number: int
    room: RoomName
    by: str
    text: str
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Say(BaseModel):
    kind: Literal["say"]
    text: str = Field(min_length=1, max_length=200)


class Typing(BaseModel):
    kind: Literal["typing"]


class Ping(BaseModel):
    kind: Literal["ping"]
    n: int = 0


Command = Annotated[Say | Typing | Ping, Field(discriminator="kind")]
commands: TypeAdapter[Command] = TypeAdapter(Command)
