"""Orders."""

from typing import Annotated, Any
from uuid import UUID

from rapide import APIRouter, BackgroundTasks, Header, Path, Query, Response, status
from rapide.auth import public
from shop.dependencies import CurrentConfirmations, CurrentSettings, Session
from shop.errors import (
    CartEmptyError,
    CartNotFoundError,
    IdempotencyKeyReusedError,
    OrderNotFoundError,
    OrderStateError,
    OutOfStockError,
    ProductNotFoundError,
)
from shop.identity import is_staff_or_warehouse, may_see_order
from shop.models import OrderStatus
from shop.problems import describe_problems
from shop.routers.parameters import OrderId, demo
from shop.schemas.fields import RowId
from shop.schemas.orders import OrderCreate, OrderQuery, OrderRead
from shop.schemas.paging import Page
from shop.services import orders

router = APIRouter(prefix="/orders", tags=["orders"])

IdempotencyKey = Annotated[
    UUID,
    Header(
        description="Made up by the client, once per checkout. Sent again, it returns the order that exists.",
        openapi_examples=demo("5eed0000-0000-4000-8000-0000000000ff"),
    ),
]

_PLACED: dict[int | str, dict[str, Any]] = {
    201: {
        "description": "The order, whether this request placed it or an earlier one with the same key.",
        "headers": {
            "Location": {"description": "Where the order is.", "schema": {"type": "string"}},
            "Idempotent-Replayed": {
                "description": "`true` if an earlier request had placed the order.",
                "schema": {"type": "string", "enum": ["true", "false"]},
            },
        },
    }
}


@router.get("")
async def list_orders(session: Session, query: Annotated[OrderQuery, Query()]) -> Page[OrderRead]:
    """Orders, newest first."""
    found = await orders.find_orders(session, query.window, status=query.status, email=query.email)
    return Page[OrderRead].of(found)


@router.post(
    "",
    auth=public,  # guests buy, too
    status_code=status.HTTP_201_CREATED,
    responses=_PLACED
    | describe_problems(
        CartNotFoundError, ProductNotFoundError, CartEmptyError, OutOfStockError, IdempotencyKeyReusedError
    ),
)
async def place_order(
    session: Session,
    settings: CurrentSettings,
    confirmations: CurrentConfirmations,
    checkout: OrderCreate,
    idempotency_key: IdempotencyKey,
    background: BackgroundTasks,
    response: Response,
) -> OrderRead:
    """Order what is in a cart and empty it. The confirmation is mailed afterwards."""
    order, is_new = await orders.place_order(
        session,
        orders.Checkout(**checkout.model_dump()),
        idempotency_key=idempotency_key,
        currency=settings.currency,
    )
    if is_new:
        # By its number and not as an object: the task runs after the commit, with a transaction of its own.
        background.add_task(confirmations.send, order.id)
    response.headers["Location"] = f"/orders/{order.id}"
    response.headers["Idempotent-Replayed"] = "false" if is_new else "true"
    return OrderRead.model_validate(order)


@router.get("/{order_id}", auth=may_see_order, responses=describe_problems(OrderNotFoundError))
async def read_order(session: Session, order_id: OrderId) -> OrderRead:
    """One order."""
    return OrderRead.model_validate(await orders.get_order(session, order_id))


@router.post("/{order_id}/pay", responses=describe_problems(OrderNotFoundError, OrderStateError))
async def pay_order(session: Session, order_id: OrderId) -> OrderRead:
    """The money arrived."""
    return OrderRead.model_validate(await orders.advance_order(session, order_id, OrderStatus.PAID))


@router.post(
    "/{order_id}/ship",
    auth=is_staff_or_warehouse,
    responses=describe_problems(OrderNotFoundError, OrderStateError),
)
async def ship_order(
    session: Session,
    order_id: Annotated[RowId, Path(description="Number of the order.", openapi_examples=demo(2))],
) -> OrderRead:
    """The parcel left."""
    return OrderRead.model_validate(await orders.advance_order(session, order_id, OrderStatus.SHIPPED))


@router.post(
    "/{order_id}/cancel", auth=may_see_order, responses=describe_problems(OrderNotFoundError, OrderStateError)
)
async def cancel_order(
    session: Session,
    order_id: Annotated[RowId, Path(description="Number of the order.", openapi_examples=demo(3))],
) -> OrderRead:
    """Call an order off before it is shipped. Its pieces go back to the stock."""
    return OrderRead.model_validate(await orders.advance_order(session, order_id, OrderStatus.CANCELLED))
