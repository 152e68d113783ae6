"""How errors of the shop become answers and documentation: `application/problem+json` (RFC 9457)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from rapide import Rapide, Request
from rapide.responses import JSONResponse
from shop.errors import ConcurrentChangeError, ConflictError, NotFoundError, ShopError, UnavailableError
from shop.schemas.problems import Problem

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[type[ShopError], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER_SECONDS = 2

_logger = logging.getLogger("shop")


def install_error_handlers(app: Rapide) -> None:
    """Let `app` answer every `ShopError`, and the database's own errors, with a problem."""

    @app.exception_handler(ShopError)
    async def answer_shop_error(request: Request, error: ShopError) -> JSONResponse:
        return _answer(error)

    @app.exception_handler(IntegrityError)
    async def answer_concurrent_change(request: Request, error: IntegrityError) -> JSONResponse:
        # A constraint refused what a service had allowed: something happened between its look and the write.
        _logger.warning("a constraint refused %s %s: %s", request.method, request.url.path, error)
        return _answer(ConcurrentChangeError())

    @app.exception_handler(OperationalError)
    @app.exception_handler(PoolTimeoutError)
    async def answer_unavailable(request: Request, error: SQLAlchemyError) -> JSONResponse:
        _logger.error("the database failed in %s %s: %s", request.method, request.url.path, error)
        return _answer(UnavailableError())


def describe_problems(*errors: type[ShopError]) -> dict[int | str, dict[str, Any]]:
    """Document the errors an operation can answer with, as the route option `responses`."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        status = _status_of(error)
        response = by_status.setdefault(
            int(status),
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema(), "examples": {}}},
            },
        )
        response["description"] = f"{response['description']}; {error.title}".removeprefix("; ")
        response["content"][MEDIA_TYPE]["examples"][error.code] = {
            "summary": error.title,
            "value": _make_problem(error, detail=error.title).model_dump(),
        }
    return by_status


def _answer(error: ShopError) -> JSONResponse:
    problem = _make_problem(type(error), detail=error.detail, facts=error.facts)
    headers = {"Retry-After": str(_RETRY_AFTER_SECONDS)} if isinstance(error, UnavailableError) else None
    return JSONResponse(
        problem.model_dump(), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE
    )


def _make_problem(
    error: type[ShopError], *, detail: str, facts: Mapping[str, int | str] | None = None
) -> Problem:
    status = _status_of(error)
    return Problem(
        type=f"https://shop.example/problems/{error.code}",
        title=error.title,
        status=int(status),
        detail=detail,
        **(facts or {}),
    )


def _status_of(error: type[ShopError]) -> HTTPStatus:
    return next(status for category, status in _STATUS.items() if issubclass(error, category))
