"""Products."""

from typing import Annotated

from rapide import APIRouter, Path, Query, Response, status
from rapide.auth import public
from shop.dependencies import Session
from shop.errors import DuplicateSkuError, ProductNotFoundError
from shop.problems import describe_problems
from shop.routers.parameters import ProductId, demo
from shop.schemas.fields import RowId
from shop.schemas.paging import Page
from shop.schemas.products import ProductChanges, ProductCreate, ProductQuery, ProductRead
from shop.services import products

router = APIRouter(prefix="/products", tags=["products"])


@router.get("", auth=public)
async def list_products(session: Session, query: Annotated[ProductQuery, Query()]) -> Page[ProductRead]:
    """Products for sale, oldest first."""
    found = await products.find_products(
        session, query.window, text=query.text, max_price_cents=query.max_price_cents
    )
    return Page[ProductRead].of(found)


@router.post("", status_code=status.HTTP_201_CREATED, responses=describe_problems(DuplicateSkuError))
async def create_product(session: Session, product: ProductCreate, response: Response) -> ProductRead:
    """Add a product."""
    created = await products.create_product(session, **product.model_dump())
    response.headers["Location"] = f"/products/{created.id}"
    return ProductRead.model_validate(created)


@router.get("/{product_id}", auth=public, responses=describe_problems(ProductNotFoundError))
async def read_product(session: Session, product_id: ProductId) -> ProductRead:
    """One product."""
    return ProductRead.model_validate(await products.get_product(session, product_id))


@router.patch("/{product_id}", responses=describe_problems(ProductNotFoundError, DuplicateSkuError))
async def change_product(session: Session, product_id: ProductId, changes: ProductChanges) -> ProductRead:
    """Change some fields of a product. Orders already placed keep the old name and price."""
    return ProductRead.model_validate(await products.change_product(session, product_id, changes))


@router.delete(
    "/{product_id}", status_code=status.HTTP_204_NO_CONTENT, responses=describe_problems(ProductNotFoundError)
)
async def archive_product(
    session: Session,
    product_id: Annotated[RowId, Path(description="Number of the product.", openapi_examples=demo(8))],
) -> None:
    """Take a product off the shelf and out of all carts."""
    await products.archive_product(session, product_id)
