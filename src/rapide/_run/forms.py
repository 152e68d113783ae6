"""Parsing forms, and giving their files back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from rapide._run.body import check_announced, limited

__all__ = ["FORM_LIMITS", "FormValues", "close_form", "form_values", "is_empty_part", "read_form"]

# The scope key under which an application leaves its limits to those that are mounted in it.
FORM_LIMITS = "rapide.form_limits"


@dataclass(frozen=True, slots=True)
class FormValues:
    """A parsed form: all values by name, and the content of files that somebody wants as bytes, by identity."""

    lists: dict[str, list[Any]]
    contents: dict[int, bytes]
    form: FormData | None = None


def is_empty_part(value: Any) -> bool:
    """Tell whether a file field was left empty: browsers then send a part without name and content."""
    return isinstance(value, UploadFile) and not value.filename and not value.size


async def _content(upload: UploadFile) -> bytes:
    """Read a whole upload and put its position back, so that others can read it too."""
    position = upload.file.tell()
    await upload.seek(0)
    content = await upload.read()
    await upload.seek(position)
    return content


async def close_form(values: FormValues | None) -> None:
    """Close the files of a form."""
    if values is not None and values.form is not None:
        await values.form.close()


async def read_form(
    request: Request, limits: Mapping[str, int], bytes_keys: Iterable[str], max_size: int | None
) -> FormValues:
    """Parse the form of a request; files named in `bytes_keys` are read as well.

    Raises HTTPException 400 for a malformed form or one with too many parts, 413 for one of more than
    `max_size` bytes.
    """
    if max_size is not None:
        check_announced(request.scope, max_size)
        request._receive = limited(request._receive, max_size)
    return await form_values(
        await request.form(**{**request.scope.get(FORM_LIMITS, {}), **limits}), bytes_keys
    )


async def form_values(form: FormData, bytes_keys: Iterable[str]) -> FormValues:
    """Return the values of a parsed form, with the content of the files named in `bytes_keys`."""
    lists: dict[str, list[Any]] = {}
    for key, value in form.multi_items():
        lists.setdefault(key, []).append(value)
    contents: dict[int, bytes] = {}
    for key in bytes_keys:
        for value in lists.get(key, ()):
            if isinstance(value, UploadFile) and id(value) not in contents:
                contents[id(value)] = await _content(value)
    return FormValues(lists, contents, form)
