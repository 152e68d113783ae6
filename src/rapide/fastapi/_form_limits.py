"""`fastapi._form_limits`: private in FastAPI, but route classes of extensions name it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from rapide.errors import InvalidValueError
from rapide.options import FormLimits as _FormLimits
from rapide.routing.limits import check_form_limits

__all__ = ["_FormLimits", "_validate_form_limits", "refuses_as_fastapi"]

F = TypeVar("F", bound=Callable[..., Any])


def refuses_as_fastapi(function: F) -> F:
    """Let Pydantic's own error out where form limits are wrong: it is what FastAPI raises."""

    @wraps(function)
    def refusing(*args: Any, **options: Any) -> Any:
        try:
            return function(*args, **options)
        except InvalidValueError as exc:
            if isinstance(exc.__cause__, ValidationError):
                raise exc.__cause__ from None
            raise

    return cast("F", refusing)


_validate_form_limits = refuses_as_fastapi(check_form_limits)
