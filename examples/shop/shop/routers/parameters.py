"""Path parameters that several routers share."""

from typing import Annotated

from rapide import Path
from shop.schemas.fields import CartKey, RowId

ProductId = Annotated[RowId, Path(description="Number of the product.", examples=[1])]
CartId = Annotated[
    CartKey, Path(description="Id of the cart.", examples=["5eed0000-0000-4000-8000-00000000000a"])
]
OrderId = Annotated[RowId, Path(description="Number of the order.", examples=[1])]
