"""Path parameters that several routes share, filled in with rows of the demo data."""

from typing import Annotated, Any

from rapide import Path
from shop.schemas.fields import CartKey, RowId


def demo(value: int | str) -> dict[str, Any]:
    """An example on the parameter itself, which Swagger UI fills in, unlike the examples of a schema."""
    return {"demo": {"summary": "From the demo data", "value": value}}


ProductId = Annotated[RowId, Path(description="Number of the product.", openapi_examples=demo(1))]
CartId = Annotated[
    CartKey,
    Path(description="Id of the cart.", openapi_examples=demo("5eed0000-0000-4000-8000-00000000000a")),
]
OrderId = Annotated[RowId, Path(description="Number of the order.", openapi_examples=demo(1))]
