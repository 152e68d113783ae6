"""Health: whether the process lives, and whether it can work."""

from sqlalchemy import text

from rapide import APIRouter
from rapide.auth import public
from shop.dependencies import Session
from shop.errors import UnavailableError
from shop.problems import describe_problems
from shop.schemas.health import Health

router = APIRouter(prefix="/health", tags=["health"], auth=public)


@router.get("/live")
async def check_live() -> Health:
    """Answers as long as the process does. Failing means: restart it."""
    return Health()


@router.get("/ready", responses=describe_problems(UnavailableError))
async def check_ready(session: Session) -> Health:
    """Answers when the database does. Failing means: send no requests for now."""
    # A table, and not just "SELECT 1", which SQLite answers without opening its file.
    await session.execute(text("SELECT version_num FROM alembic_version"))
    return Health()
