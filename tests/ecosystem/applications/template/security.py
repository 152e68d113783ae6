"""Passwords and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from pwdlib import PasswordHash

from .config import settings

ALGORITHM = "HS256"
passwords = PasswordHash.recommended()


def create_access_token(subject: str | Any, expires: timedelta) -> str:
    claims = {"exp": datetime.now(UTC) + expires, "sub": str(subject)}
    return jwt.encode(claims, settings.SECRET_KEY.get_secret_value(), algorithm=ALGORITHM)


def read_token(token: str) -> dict[str, Any]:
    return jwt.decode(token, settings.SECRET_KEY.get_secret_value(), algorithms=[ALGORITHM])
