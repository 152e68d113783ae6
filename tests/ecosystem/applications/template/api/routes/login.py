"""Tokens, and passwords that were forgotten."""

from datetime import timedelta
from typing import Annotated, Any

import jwt
from fastapi.responses import HTMLResponse
from fastapi.security import OAuth2PasswordRequestForm

from fastapi import APIRouter, Depends, HTTPException

from ... import crud
from ...config import settings
from ...models import Message, NewPassword, Token, UserPublic, UserUpdate
from ...security import create_access_token, read_token
from ..deps import CurrentUser, SessionDep, get_current_active_superuser

router = APIRouter(tags=["login"])


@router.post("/login/access-token")
def login_access_token(
    session: SessionDep, form_data: Annotated[OAuth2PasswordRequestForm, Depends()]
) -> Token:
    """OAuth2 compatible token login, get an access token for future requests."""
    user = crud.authenticate(session, email=form_data.username, password=form_data.password)
    if not user:
        raise HTTPException(status_code=400, detail="Incorrect email or password")
    if not user.is_active:
        raise HTTPException(status_code=400, detail="Inactive user")
    expires = timedelta(minutes=settings.ACCESS_TOKEN_EXPIRE_MINUTES)
    return Token(access_token=create_access_token(user.id, expires))


@router.post("/login/test-token", response_model=UserPublic)
def test_token(current_user: CurrentUser) -> Any:
    """Test access token."""
    return current_user


@router.post("/password-recovery/{email}")
def recover_password(email: str, session: SessionDep) -> Message:
    """Password recovery."""
    if not crud.find_user(session, email):
        raise HTTPException(status_code=404, detail="No user has this address.")
    return Message(message="Password recovery email sent")


@router.post("/reset-password/")
def reset_password(session: SessionDep, body: NewPassword) -> Message:
    """Reset password."""
    try:
        email = read_token(body.token)["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status_code=400, detail="Invalid token") from None
    user = crud.find_user(session, email)
    if not user:
        raise HTTPException(status_code=404, detail="No user has this address.")
    crud.update_user(session, user, UserUpdate(password=body.new_password))
    return Message(message="Password updated successfully")


@router.post(
    "/password-recovery-html-content/{email}",
    dependencies=[Depends(get_current_active_superuser)],
    response_class=HTMLResponse,
)
def recover_password_html_content(email: str, session: SessionDep) -> Any:
    """HTML content for password recovery."""
    if not crud.find_user(session, email):
        raise HTTPException(status_code=404, detail="No user has this address.")
    return HTMLResponse(content=f"<p>For {email}</p>", headers={"subject:": "Recovery"})
