from typing import Annotated

from rapide import APIRouter, Depends, Header, HTTPException


async def require_desk(x_desk: Annotated[str | None, Header()] = None) -> None:
    if x_desk != "front":
        raise HTTPException(403, "Only from the front desk.")


router = APIRouter(
    prefix="/readers", tags=["readers"], dependencies=[Depends(require_desk)]
)


@router.get("")
async def list_readers() -> list[str]:
    return ["Ada"]
