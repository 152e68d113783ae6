"""Forms parsed without guessing: Starlette's parsers, stopped where they make the best of a broken one.

A form is UTF-8 (RFC 7578, section 5.1; valid HTML sends nothing else), and a multipart form ends with its
closing boundary (RFC 2046, section 5.1.1). What comes before the first boundary is refused by the parser;
what comes after the last is not looked at. Nested multipart bodies and Content-Transfer-Encoding, which RFC
7578 took out (sections 4.3 and 4.7), mean nothing: the bytes of such a part arrive as they are.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import unquote_plus

from starlette.datastructures import FormData, Headers
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.formparsers import (  # type: ignore[attr-defined]  # the last is python-multipart's
    MultiPartException,
    MultiPartParser,
    parse_options_header,  # pyright: ignore[reportPrivateImportUsage]  # documented, but not in its __all__
)
from starlette.requests import Request

from rapide._lanes import FILES
from rapide._run.threads import in_thread
from rapide.datastructures import UploadFile
from rapide.exceptions import HTTPException

__all__ = ["MULTIPART", "URLENCODED", "parse_leniently", "parse_strictly"]

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
_FORMS = (MULTIPART.encode(), URLENCODED.encode())
_BATCH = 1024 * 1024  # bytes
_MOST_FILES = 100
_UTF_8 = (b"utf-8", b"utf8")
_FIELD = re.compile(rb"[^&]+")
_ENCODED = re.compile(b"%([0-9A-Fa-f]{2})")  # any other percent sign stands for itself


def _decoded(raw: bytes | bytearray, what: str, name: str = "") -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        shown = f" {name[:100]!r}" if name else ""
        raise MultiPartException(f"{what}{shown} is not UTF-8.") from exc


def _check_charset(options: dict[bytes, bytes]) -> None:
    charset = options.get(b"charset")
    if charset is not None and charset.lower() not in _UTF_8:
        raise HTTPException(
            415, "Forms are read as UTF-8 only.", headers={"Accept": f"{MULTIPART}, {URLENCODED}"}
        )


class _BatchingMultiPartParser(MultiPartParser):
    """Writes what is uploaded in batches: one trip to a worker thread for a megabyte instead of each chunk.

    Starlette's loop finds nothing to write, because all of it happens between two chunks of the stream.
    """

    def __init__(self, headers: Headers, stream: AsyncGenerator[bytes, None], **limits: Any) -> None:
        super().__init__(headers, stream, **limits)
        # Chunks of files that are not written yet; None ends a file.
        self._waiting: list[tuple[StarletteUploadFile, bytes | None]] = []
        self._waiting_size = 0
        self._begun = False

    async def parse(self) -> FormData:
        """Parse the form. Raises MultiPartException for one that is malformed or too much."""
        async with aclosing(self._written(self.stream)) as self.stream:
            return await super().parse()

    async def _written(self, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        # What is raised here reaches the parser while it still knows all files and closes them.
        async for chunk in stream:
            self._begun = self._begun or bool(chunk)
            yield chunk
            if self._waiting_size >= _BATCH:
                await self._write_batch()
        self._check_end()
        await self._write_batch()

    def _check_end(self) -> None:
        """Look at the form as a whole before the last of its files are written."""

    async def _write_batch(self) -> None:
        batch, self._waiting, self._waiting_size = self._waiting, [], 0
        most = self.spool_max_size
        if not most or all((upload.size or 0) <= most for upload, _ in batch):
            _write_all(batch)  # to memory
        else:
            await in_thread(_write_all, batch, lane=FILES)

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        upload = self._current_part.file
        if upload is None:
            super().on_part_data(data, start, end)
            return
        self._waiting.append((upload, data[start:end]))
        self._waiting_size += end - start
        upload.size = (upload.size or 0) + end - start

    def on_part_end(self) -> None:
        part = self._current_part
        if part.file is None:
            super().on_part_end()
        else:
            self._waiting.append((part.file, None))
            self.items.append((part.field_name, part.file))


def _write_all(batch: Iterable[tuple[StarletteUploadFile, bytes | None]]) -> None:
    for upload, of_one in groupby(batch, key=itemgetter(0)):
        chunks = [chunk for _, chunk in of_one]
        upload.file.write(b"".join(chunk for chunk in chunks if chunk is not None))
        if chunks[-1] is None:
            upload.file.seek(0)


class _StrictMultiPartParser(_BatchingMultiPartParser):
    """Refuses what is cut short or not UTF-8, and hands out Rapide's uploads."""

    _ended = False

    def _check_end(self) -> None:
        """Refuse a form that ends before its closing boundary."""
        if self._begun and not self._ended:
            raise MultiPartException("The form ends before its closing boundary.")

    def on_end(self) -> None:
        self._ended = True

    def on_header_end(self) -> None:
        name = self._current_partial_header_name.lower()
        if name == b"content-disposition" and self._current_part.content_disposition is not None:
            raise MultiPartException("A part has more than one Content-Disposition.")
        super().on_header_end()

    def on_headers_finished(self) -> None:
        _decoded(self._current_part.content_disposition or b"", "The name of a part")
        super().on_headers_finished()
        part = self._current_part
        if part.file is not None:
            part.file = UploadFile(
                part.file.file, size=0, filename=part.file.filename, headers=part.file.headers
            )
            return
        for name, value in part.item_headers:
            if name == b"content-type":
                _check_charset(parse_options_header(value)[1])

    def on_part_end(self) -> None:
        part = self._current_part
        if part.file is None:
            self.items.append((part.field_name, _decoded(part.data, "The field", part.field_name)))
        else:
            super().on_part_end()


def _unquoted_strictly(raw: bytes, what: str, name: str = "") -> str:
    if raw.isascii() and b"%" not in raw and b"+" not in raw:
        return raw.decode("ascii")
    return _decoded(_ENCODED.sub(_encoded_byte, raw.replace(b"+", b" ")), what, name)


def _unquoted_leniently(raw: bytes, what: str, name: str = "") -> str:
    return unquote_plus(raw.decode("latin-1"))


async def _parse_urlencoded(
    stream: AsyncGenerator[bytes, None],
    text_of: Callable[..., str],
    *,
    max_fields: int = 1000,
    max_part_size: int = 1024 * 1024,
    max_files: int = 0,
) -> FormData:
    """Parse a form that is written like a query string (WHATWG URL, section 5.1): only "&" separates.

    `text_of` decodes a name, or a value of a name.
    """
    raw, start = bytearray(), 0  # where the field that still arrives begins
    async for chunk in stream:
        separator = chunk.rfind(b"&")
        if separator >= 0:
            start = len(raw) + separator + 1
        raw += chunk
        if len(raw) - start > max_part_size + 1:  # one for the equals sign, which is not counted
            raise _field_too_long(max_part_size)
    items: list[tuple[str, Any]] = []
    for found in _FIELD.finditer(raw):
        if len(items) >= max_fields:
            raise MultiPartException(f"Too many fields. Maximum number of fields is {max_fields}.")
        name, _, value = found[0].partition(b"=")
        if len(name) + len(value) > max_part_size:
            raise _field_too_long(max_part_size)
        key = text_of(name, "The name of a field")
        items.append((key, text_of(value, "The field", key)))
    return FormData(items)


def _field_too_long(max_part_size: int) -> MultiPartException:
    return MultiPartException(f"Field exceeded maximum size of {int(max_part_size / 1024)}KB.")


def _encoded_byte(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


async def parse_leniently(request: Request, limits: dict[str, Any]) -> FormData:
    """Return the form of a request as `request.form()` does, with its files written in batches.

    Raises MultiPartException or HTTPException 400 for what is malformed or too much.
    """
    media_type, _ = parse_options_header(request.headers.get("content-type"))
    if media_type not in _FORMS or type(request) is not Request:  # another class may parse otherwise
        return await request.form(**limits)
    async with aclosing(request.stream()) as stream:
        if media_type == URLENCODED.encode():
            return await _parse_urlencoded(stream, _unquoted_leniently, **limits)
        return await _BatchingMultiPartParser(request.headers, stream, **limits).parse()


async def parse_strictly(request: Request, limits: dict[str, Any]) -> FormData:
    """Return the form of a request; an empty one when its media type is none of a form.

    `limits` are `max_fields`, `max_files` (100 by default), `max_part_size`. Raises MultiPartException for
    what is malformed or too much, HTTPException 415 for another encoding than UTF-8, ClientDisconnect when
    the client leaves.
    """
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type not in _FORMS:
        return FormData()
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "The body must not be encoded: it is read as it is."
        raise HTTPException(415, detail, headers={"Accept-Encoding": "identity"})
    if len(request.headers.getlist("content-type")) > 1:
        raise MultiPartException("The request has more than one Content-Type.")
    _check_charset(options)
    async with aclosing(request.stream()) as stream:
        if media_type == MULTIPART.encode():
            limits = {"max_files": _MOST_FILES, **limits}
            return await _StrictMultiPartParser(request.headers, stream, **limits).parse()
        return await _parse_urlencoded(stream, _unquoted_strictly, **limits)
