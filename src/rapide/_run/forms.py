"""Parsing forms, and giving their files back."""

from __future__ import annotations

import errno
import logging
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import aclosing, suppress
from dataclasses import field
from typing import Any

from anyio import CancelScope
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from rapide._dataclass import dataclass
from rapide._lanes import CLEAN_UP
from rapide._run.body import (
    ClientGoneError,
    ContentTooLargeError,
    check_announced,
    limited,
)
from rapide._run.json_body import content_type_of, is_json_type
from rapide._run.multipart import MULTIPART, URLENCODED, parse_leniently, parse_strictly
from rapide._run.threads import in_thread
from rapide.exceptions import HTTPException

__all__ = [
    "FORM_LIMITS",
    "FormReading",
    "FormValues",
    "close_form",
    "form_values",
    "given_form",
    "is_empty_part",
    "is_json_part",
    "read_form",
    "taken_form",
    "texts_of",
]

# The scope key under which an application leaves its limits to those that are mounted in it.
FORM_LIMITS = "rapide.form_limits"

# The attribute under which a form that is handed on remembers its values.
_VALUES = "_rapide_values"

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_logger = logging.getLogger("rapide")


@dataclass(frozen=True, slots=True)
class FormReading:
    """How the form of a route is read.

    `limits` are those of the parser, `max_size` counts the bytes of the whole form, `max_json_size` those
    of a file that is JSON. `seconds` is the longest silence of a client amid its form. `bytes_keys` and
    `json_keys` name files whose content is wanted: all, and those that say that they are JSON. `strict`
    refuses what is broken, `refuse_types` what is no form.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    max_size: int | None = None
    max_json_size: int | None = None
    seconds: float | None = None
    bytes_keys: tuple[str, ...] = ()
    json_keys: tuple[str, ...] = ()
    strict: bool = False
    refuse_types: bool = False


@dataclass(frozen=True, slots=True)
class FormValues:
    """A parsed form: all values by name, and the content of files that somebody wants, by identity."""

    lists: dict[str, list[Any]]
    contents: dict[int, bytes]
    form: FormData | None = None


def texts_of(values: FormValues) -> dict[str, str]:
    """Return the fields that are one text, which is not empty: those that handlers read without questions."""
    return {
        name: texts[0]
        for name, texts in values.lists.items()
        if len(texts) == 1 and texts[0] and isinstance(texts[0], str)
    }


def is_empty_part(value: Any) -> bool:
    """Tell whether a file field was left empty: browsers then send a part without name and content."""
    return isinstance(value, UploadFile) and not value.filename and not value.size


def is_json_part(value: Any) -> bool:
    """Tell whether a part is a file that says it is JSON, as a browser's `Blob` of that type does."""
    return isinstance(value, UploadFile) and is_json_type(value.content_type or "")


# ------------------------------------------------------------------------------------------------ closing


def _close_all(uploads: Iterable[UploadFile]) -> None:
    for upload in uploads:
        # Closing writes out what is buffered, which a full disk refuses; it closes all the same, and what is
        # lost was to be thrown away.
        with suppress(OSError):
            upload.file.close()


async def _close(form: FormData) -> None:
    uploads = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
    if all(getattr(upload.file, "_rolled", True) is False for upload in uploads):
        _close_all(uploads)  # all of them in memory
        return
    with CancelScope(shield=True):
        await in_thread(_close_all, uploads, lane=CLEAN_UP)


async def close_form(values: FormValues | None) -> None:
    """Close the files of a form, even when the request has been cancelled."""
    if values is not None and values.form is not None:
        await _close(values.form)


# ------------------------------------------------------------------------------------------------ reading


def _refusal(exc: Exception, *, strict: bool) -> HTTPException | None:
    """Return the answer to what went wrong while a form was read; None when it is the server's fault."""
    if isinstance(exc, MultiPartException):
        return HTTPException(400, exc.message)
    if isinstance(exc, ClientDisconnect):
        return ClientGoneError()
    if not strict:
        return HTTPException(400, "There was an error parsing the body")
    if isinstance(exc, OSError) and exc.errno in _NO_SPACE:
        _logger.error("No space is left in %s for what clients upload", tempfile.gettempdir())
        return HTTPException(507, "There is no space left for the upload.")
    return None


async def read_form(request: Request, reading: FormReading) -> FormValues:
    """Parse the form of a request. No file of it stays open when that fails.

    Raises HTTPException 400 for a malformed form, one of too many parts, and a client that left; 413 for one
    that is too long; 415 for another media type or encoding; 507 when the disk is full.
    """
    try:
        form = await _parsed(request, reading)
    except StarletteHTTPException:
        raise
    except Exception as exc:
        refusal = _refusal(exc, strict=reading.strict)
        if refusal is None:
            raise
        raise refusal from exc
    try:
        return await form_values(
            form, reading.bytes_keys, reading.json_keys, max_json_size=reading.max_json_size
        )
    except BaseException:
        await _close(form)
        raise


async def _parsed(request: Request, reading: FormReading) -> FormData:
    limit = reading.max_size
    if limit is not None:
        check_announced(request.scope, limit)
        if len(getattr(request, "_body", b"")) > limit:  # a dependency has read it before
            raise ContentTooLargeError
    if limit is not None or reading.seconds is not None:
        request._receive = limited(request._receive, limit, reading.seconds)  # noqa: SLF001 -- the only way in
    if request._form is not None:  # noqa: SLF001 -- a dependency has asked for it before
        return request._form  # noqa: SLF001 -- where Starlette keeps a parsed form
    if reading.refuse_types and content_type_of(request.scope) not in (MULTIPART, URLENCODED):
        return await _nothing(request)
    limits = {**request.scope.get(FORM_LIMITS, {}), **reading.limits}
    parse = parse_strictly if reading.strict else parse_leniently
    # Where `request.form()` finds it: the stream can be read only once.
    request._form = form = await parse(request, limits)  # noqa: SLF001 -- where Starlette keeps a parsed form
    return form


async def _nothing(request: Request) -> FormData:
    """Return an empty form for a request without a body; refuse a body that is no form."""
    async with aclosing(request.stream()) as stream:
        async for chunk in stream:
            if chunk:
                accepted = {"Accept": f"{MULTIPART}, {URLENCODED}"}
                raise HTTPException(
                    415, f"The body must be a form: {MULTIPART} or {URLENCODED}.", headers=accepted
                )
    return FormData()


async def form_values(
    form: FormData,
    bytes_keys: Iterable[str],
    json_keys: Iterable[str] = (),
    *,
    max_json_size: int | None = None,
) -> FormValues:
    """Return the values of a parsed form, with the content of files that somebody wants.

    Raises ContentTooLargeError for a file of more than `max_json_size` bytes that says it is JSON.
    """
    lists: dict[str, list[Any]] = {}
    for key, value in form.multi_items():
        lists.setdefault(key, []).append(value)
    wanted = [value for key in bytes_keys for value in lists.get(key, ()) if isinstance(value, UploadFile)]
    parts = [value for key in json_keys for value in lists.get(key, ()) if is_json_part(value)]
    if max_json_size is not None and any((part.size or 0) > max_json_size for part in parts):
        raise ContentTooLargeError
    contents: dict[int, bytes] = {}
    for upload in (*wanted, *parts):
        if id(upload) not in contents:
            contents[id(upload)] = await _content(upload)
    return FormValues(lists, contents, form)


def given_form(values: FormValues) -> FormData | None:
    """Return the form as Starlette knows it, for code that hands it on; `taken_form` undoes it."""
    form = values.form
    if form is not None:
        form.__dict__[_VALUES] = values
    return form


def taken_form(form: FormData) -> FormValues | None:
    """Return the values of a form that `given_form` gave away; None for any other."""
    values: FormValues | None = form.__dict__.get(_VALUES)
    return values


async def _content(upload: UploadFile) -> bytes:
    """Read a whole upload and put its position back, so that others can read it too."""
    position = upload.file.tell()
    await upload.seek(0)
    content = await upload.read()
    await upload.seek(position)
    return content
