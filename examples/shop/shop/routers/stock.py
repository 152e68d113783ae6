"""Stock."""

from typing import Annotated

from rapide import APIRouter, Query, status
from shop.dependencies import Session
from shop.errors import OutOfStockError, ProductNotFoundError, StockLimitError
from shop.identity import is_staff_or_warehouse
from shop.problems import describe_problems
from shop.routers.parameters import ProductId
from shop.schemas.paging import Page, PageQuery
from shop.schemas.stock import MovementCreate, MovementRead, StockQuery, StockRead
from shop.services import products, stock

router = APIRouter(prefix="/stock", tags=["stock"], auth=is_staff_or_warehouse)


@router.get("")
async def list_stock(session: Session, query: Annotated[StockQuery, Query()]) -> Page[StockRead]:
    """Stock of all products for sale."""
    found = await stock.find_levels(session, query.window, at_most=query.at_most)
    return Page[StockRead].of(found)


@router.get("/{product_id}", responses=describe_problems(ProductNotFoundError))
async def read_stock(session: Session, product_id: ProductId) -> StockRead:
    """Stock of one product."""
    return StockRead.model_validate(await stock.get_level(session, product_id))


@router.get("/{product_id}/movements", responses=describe_problems(ProductNotFoundError))
async def list_movements(
    session: Session, product_id: ProductId, query: Annotated[PageQuery, Query()]
) -> Page[MovementRead]:
    """The ledger of one product, newest entry first."""
    return Page[MovementRead].of(await stock.find_movements(session, product_id, query.window))


@router.post(
    "/{product_id}/movements",
    status_code=status.HTTP_201_CREATED,
    responses=describe_problems(ProductNotFoundError, OutOfStockError, StockLimitError),
)
async def create_movement(session: Session, product_id: ProductId, movement: MovementCreate) -> MovementRead:
    """Book pieces in or out. The stock never becomes negative, however many do this at once."""
    await products.get_product(session, product_id)
    booked = await stock.move_stock(session, product_id, movement.kind, movement.quantity, note=movement.note)
    return MovementRead.model_validate(booked)
