from rapide import APIRouter

router = APIRouter(prefix="/books", tags=["books"])


@router.get("")
async def list_books() -> list[str]:
    return ["Momo", "Ronja"]


@router.get("/{number}")
async def read_book(number: int) -> dict[str, int]:
    return {"number": number}
