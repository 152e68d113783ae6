"""What is there only where one develops."""

from pydantic import BaseModel

from fastapi import APIRouter

from ...models import User, UserPublic
from ...security import passwords
from ..deps import SessionDep

router = APIRouter(tags=["private"], prefix="/private")


class PrivateUserCreate(BaseModel):
    email: str
    password: str
    full_name: str
    is_verified: bool = False


@router.post("/users/", response_model=UserPublic)
def create_user(user_in: PrivateUserCreate, session: SessionDep):
    """Create a new user."""
    user = User(
        email=user_in.email, full_name=user_in.full_name, hashed_password=passwords.hash(user_in.password)
    )
    session.add(user)
    session.commit()
    return user
