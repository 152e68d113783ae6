"""Field types that several schemas share."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

# Printable text on one line, without blanks around it. Control characters and line separators have no
# business in names; some databases refuse them, and in a mail header they start a new header.
_NOT_PRINTABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
_ONE_LINE = rf"^[^\s{_NOT_PRINTABLE}]([^{_NOT_PRINTABLE}]*[^\s{_NOT_PRINTABLE}])?$"
_SEVERAL_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"


def _refuse_text(value: object) -> object:
    if isinstance(value, (str, bool)):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


# For a number in a JSON body, as JSON Schema sees it: 2 and 2.0 are the same integer, "2" and true are none.
REFUSE_TEXT = BeforeValidator(_refuse_text)

RowId = Annotated[int, Field(ge=1, le=2_147_483_647)]
Sku = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern="^[A-Z0-9]+(-[A-Z0-9]+)*$",
        description="Article number: capitals and digits, in groups joined by hyphens.",
        examples=["MUG-WHITE"],
    ),
]
Name = Annotated[str, Field(min_length=1, max_length=120, pattern=_ONE_LINE)]
Description = Annotated[
    str,
    Field(
        max_length=2_000,
        pattern=_SEVERAL_LINES,
        description="Free text, several lines allowed.",
        examples=["Stoneware, 350 ml, dishwasher-safe."],
    ),
]
Note = Annotated[str, Field(min_length=1, max_length=200, pattern=_ONE_LINE)]
# Only a mail can tell whether an address exists; a pattern at least tells clients what is checked.
Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        examples=["ada@example.com"],
    ),
]
PriceCents = Annotated[
    int,
    Field(
        ge=1,
        le=100_000_000,
        description="Price of one piece in cents of the shop's currency.",
        examples=[1290],
    ),
    REFUSE_TEXT,
]
Quantity = Annotated[int, Field(ge=1, le=1_000, description="Number of pieces.", examples=[2]), REFUSE_TEXT]
CartKey = Annotated[
    UUID, Field(description="Whoever knows the id may use the cart; treat it like a password.")
]


class Incoming(BaseModel):
    """A request body: a misspelt field is an error and not a silently ignored wish."""

    model_config = ConfigDict(extra="forbid")


class Outgoing(BaseModel):
    """A response body, read from the attributes of a model."""

    model_config = ConfigDict(from_attributes=True)
