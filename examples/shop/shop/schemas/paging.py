"""Pages of any list, and the query parameters that ask for them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shop.services.paging import Slice, Window

T = TypeVar("T")

Cursor = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{11}$")]


class PageQuery(BaseModel):
    """Query parameters of every list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100, description="Rows on a page.")
    cursor: Cursor | None = Field(
        default=None,
        description="Where to go on: `next_cursor` of the page before. Left out, the list starts.",
    )

    @property
    def window(self) -> Window:
        return Window(self.limit, None if self.cursor is None else _decode(self.cursor))


class Page(BaseModel, Generic[T]):
    """One page. Rows added or removed meanwhile never make another row show up twice or not at all."""

    items: list[T] = Field(max_length=100)
    next_cursor: Cursor | None = Field(description="Ask for the next page with it; null on the last one.")

    @classmethod
    def of(cls, found: Slice[Any]) -> Self:
        """Make a page of schemas from a slice of models."""
        cursor = None if found.next_after is None else _encode(found.next_after)
        return cls.model_validate({"items": list(found.items), "next_cursor": cursor}, from_attributes=True)


# A cursor is opaque to clients, so that the order of a list can change without breaking them. Every text of
# the right form means some number: a cursor that somebody made up is an ordinary place to start, and not a
# special error.
def _encode(key: int) -> str:
    return urlsafe_b64encode(key.to_bytes(8, "big", signed=True)).decode().rstrip("=")


def _decode(cursor: str) -> int:
    return int.from_bytes(urlsafe_b64decode(cursor + "="), "big", signed=True)
