"""The session, and who is calling."""

import uuid
from collections.abc import Generator
from typing import Annotated

import jwt
from fastapi.security import OAuth2PasswordBearer
from pydantic import ValidationError
from sqlmodel import Session

from fastapi import Depends, HTTPException, status

from ..config import settings
from ..db import engine
from ..models import TokenPayload, User
from ..security import read_token

reusable_oauth2 = OAuth2PasswordBearer(tokenUrl=f"{settings.API_PREFIX}/login/access-token")


def get_db() -> Generator[Session, None, None]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_db)]
TokenDep = Annotated[str, Depends(reusable_oauth2)]


def get_current_user(session: SessionDep, token: TokenDep) -> User:
    try:
        payload = TokenPayload(**read_token(token))
    except (jwt.InvalidTokenError, ValidationError):
        raise HTTPException(status.HTTP_403_FORBIDDEN, detail="Could not validate credentials") from None
    user = session.get(User, uuid.UUID(payload.sub))
    if not user:
        raise HTTPException(status_code=404, detail="User not found")
    if not user.is_active:
        raise HTTPException(status_code=400, detail="Inactive user")
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]


def get_current_active_superuser(current_user: CurrentUser) -> User:
    if not current_user.is_superuser:
        raise HTTPException(status_code=403, detail="The user doesn't have enough privileges")
    return current_user
