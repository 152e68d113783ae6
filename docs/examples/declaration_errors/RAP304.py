from rapide import APIRouter, Rapide

app = Rapide()
router = APIRouter()


@router.get("")
async def list_books() -> list[str]:
    return []


app.include_router(router)
