"""Health, and mails to try."""

from pydantic.networks import EmailStr

from fastapi import APIRouter, BackgroundTasks, Depends

from ...models import Message
from ..deps import get_current_active_superuser

router = APIRouter(prefix="/utils", tags=["utils"])
outbox: list[str] = []


@router.post("/test-email/", dependencies=[Depends(get_current_active_superuser)], status_code=201)
def test_email(email_to: EmailStr, tasks: BackgroundTasks) -> Message:
    """Test emails."""
    tasks.add_task(outbox.append, email_to)
    return Message(message="Test email sent")


@router.get("/outbox/", include_in_schema=False)
def read_outbox() -> list[EmailStr]:
    return outbox


@router.get("/health-check/")
async def health_check() -> bool:
    return True
