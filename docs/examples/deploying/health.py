from rapide import APIRouter, HTTPException, Rapide, Request

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def is_alive() -> str:
    return "alive"


@router.get("/ready")
async def is_ready(request: Request) -> str:
    if getattr(request.state, "database", None) is None:
        raise HTTPException(503, "The database is not connected.")
    return "ready"


app = Rapide(title="Library")
app.include_router(router)
