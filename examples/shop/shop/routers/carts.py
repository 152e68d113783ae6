"""Carts."""

from typing import Annotated

from rapide import APIRouter, Path, Response, status
from rapide.auth import public
from shop.dependencies import Session
from shop.errors import CartFullError, CartItemNotFoundError, CartNotFoundError, ProductNotFoundError
from shop.problems import describe_problems
from shop.routers.parameters import CartId, ProductId, demo
from shop.schemas.carts import CartItemPut, CartRead
from shop.schemas.fields import CartKey
from shop.services import carts

router = APIRouter(prefix="/carts", tags=["carts"], auth=public)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_cart(session: Session, response: Response) -> CartRead:
    """Begin with an empty cart."""
    cart = await carts.create_cart(session)
    response.headers["Location"] = f"/carts/{cart.id}"
    return CartRead.model_validate(cart)


@router.get("/{cart_id}", responses=describe_problems(CartNotFoundError))
async def read_cart(session: Session, cart_id: CartId) -> CartRead:
    """A cart, at present prices."""
    return CartRead.model_validate(await carts.get_cart(session, cart_id))


@router.delete(
    "/{cart_id}", status_code=status.HTTP_204_NO_CONTENT, responses=describe_problems(CartNotFoundError)
)
async def delete_cart(
    session: Session,
    cart_id: Annotated[
        CartKey,
        Path(description="Id of the cart.", openapi_examples=demo("5eed0000-0000-4000-8000-00000000000c")),
    ],
) -> None:
    """Throw a cart away."""
    await carts.delete_cart(session, cart_id)


@router.put(
    "/{cart_id}/items/{product_id}",
    responses=describe_problems(CartNotFoundError, ProductNotFoundError, CartFullError),
)
async def put_item(session: Session, cart_id: CartId, product_id: ProductId, item: CartItemPut) -> CartRead:
    """Put a product into the cart, or change how many. Doing it twice is doing it once."""
    return CartRead.model_validate(await carts.put_item(session, cart_id, product_id, item.quantity))


@router.delete(
    "/{cart_id}/items/{product_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe_problems(CartNotFoundError, CartItemNotFoundError),
)
async def remove_item(
    session: Session,
    cart_id: Annotated[
        CartKey,
        Path(description="Id of the cart.", openapi_examples=demo("5eed0000-0000-4000-8000-00000000000b")),
    ],
    product_id: ProductId,
) -> None:
    """Take a product out of the cart."""
    await carts.remove_item(session, cart_id, product_id)
