"""Items of users."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from sqlmodel import col, func, select

from fastapi import APIRouter, Header, HTTPException, Query, Response

from ...models import Colour, Item, ItemCreate, ItemPublic, ItemsPublic, ItemUpdate, ItemWithOwner, Message
from ..deps import CurrentUser, SessionDep

router = APIRouter(prefix="/items", tags=["items"], responses={403: {"description": "Not yours"}})


class Listing(BaseModel):
    """Which items, and in which order."""

    model_config = {"extra": "forbid"}
    skip: int = Field(0, ge=0)
    limit: int = Field(100, gt=0, le=100)
    order_by: Literal["title", "price"] = "title"
    colours: list[Colour] = []


@router.get("/", response_model=ItemsPublic)
def read_items(session: SessionDep, user: CurrentUser, wanted: Annotated[Listing, Query()]) -> Any:
    """Retrieve items."""
    chosen = select(Item) if user.is_superuser else select(Item).where(Item.owner_id == user.id)
    if wanted.colours:
        chosen = chosen.where(col(Item.colour).in_(wanted.colours))
    count = session.exec(select(func.count()).select_from(chosen.subquery())).one()
    items = session.exec(chosen.order_by(wanted.order_by).offset(wanted.skip).limit(wanted.limit)).all()
    return ItemsPublic(data=items, count=count)


@router.get("/{id}", response_model=ItemWithOwner)
def read_item(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Any:
    """Get item by ID."""
    item = session.get(Item, id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if not current_user.is_superuser and (item.owner_id != current_user.id):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    return item


@router.post("/", response_model=ItemPublic, status_code=201)
def create_item(
    *,
    session: SessionDep,
    current_user: CurrentUser,
    item_in: ItemCreate,
    response: Response,
    x_request: Annotated[str | None, Header(max_length=10)] = None,
) -> Any:
    """Create new item."""
    item = Item.model_validate(item_in, update={"owner_id": current_user.id})
    session.add(item)
    session.commit()
    session.refresh(item)
    response.headers["x-answer"] = x_request or "none"
    return item


@router.put("/{id}", response_model=ItemPublic)
def update_item(*, session: SessionDep, current_user: CurrentUser, id: uuid.UUID, item_in: ItemUpdate) -> Any:
    """Update an item."""
    item = session.get(Item, id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if not current_user.is_superuser and (item.owner_id != current_user.id):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    item.sqlmodel_update(item_in.model_dump(exclude_unset=True))
    session.add(item)
    session.commit()
    session.refresh(item)
    return item


@router.delete("/{id}")
def delete_item(session: SessionDep, current_user: CurrentUser, id: uuid.UUID) -> Message:
    """Delete an item."""
    item = session.get(Item, id)
    if not item:
        raise HTTPException(status_code=404, detail="Item not found")
    if not current_user.is_superuser and (item.owner_id != current_user.id):
        raise HTTPException(status_code=403, detail="Not enough permissions")
    session.delete(item)
    session.commit()
    return Message(message="Item deleted successfully")
