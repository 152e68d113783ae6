"""The values that requests are made of."""

import os
import re
import shutil
import unicodedata
import uuid
from pathlib import Path
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL, Address, FormData, Headers, QueryParams, State
from starlette.datastructures import UploadFile as StarletteUploadFile

from rapide.declare.defaults import Default, DefaultPlaceholder

__all__ = [
    "URL",
    "Address",
    "Default",
    "DefaultPlaceholder",
    "FormData",
    "Headers",
    "QueryParams",
    "State",
    "UploadFile",
]


# What file systems give a meaning of their own, besides separators: Windows' reserved characters and devices.
_RESERVED = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 255  # bytes, on the usual file systems
_LONGEST_SUFFIX = 32
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,16}")


def _without_tricks(name: str) -> str:
    """Return the last component of a name, without characters that are not seen and none that mean more."""
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    return _RESERVED.sub("_", visible).strip(". ")


class UploadFile(StarletteUploadFile):
    """A file that the client sent in a multipart form.

    Its content lies in memory while it is small and in a temporary file when it is not. `write(data)`,
    `read(size=-1)`, `seek(offset)` and `close()` are coroutines; what may touch the disk runs in a thread.

    Attributes:
        file: The underlying file object, with blocking methods.
        filename: The name that the client gave. Never use it as a path: the client chooses it freely. See
            `safe_name` and `save`.
        size: The number of bytes, or None if nobody counted.
        headers: The headers of this part of the form.
        content_type: The media type that the client claims.
    """

    @property
    def safe_name(self) -> str:
        """The client's name made harmless, to be shown or part of a path; "file" when nothing is left.

        Directories, control and invisible characters, leading and trailing dots and spaces are gone; reserved
        characters are underscores; a name of a device begins with one. It has 255 bytes of UTF-8 at
        most. Two files may have the same.
        """
        name = _without_tricks(self.filename or "")
        if _DEVICE.match(name):
            name = f"_{name}"
        suffix = Path(name).suffix
        suffix = suffix if len(suffix.encode()) <= _LONGEST_SUFFIX else ""
        stem = name.removesuffix(suffix).encode()[: _LONGEST_NAME - len(suffix.encode())]
        return (stem.decode("utf-8", "ignore") + suffix).rstrip(". ") or "file"

    async def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write the content to a new file in a directory and return its path; the position stays as it was.

        The file has a random name, so that no client chooses where it goes, and keeps the ending of the
        client's name when that is made of letters and digits. Nothing is left of it when writing fails.

        Args:
            directory: Where the file goes. It must exist.

        Raises:
            OSError: The file could not be made or written.
        """
        suffix = Path(self.safe_name).suffix
        name = uuid.uuid4().hex + (suffix if _SUFFIX.fullmatch(suffix) else "")
        path = Path(directory) / name
        try:
            await run_in_threadpool(self._write_to, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _write_to(self, path: Path) -> None:
        position = self.file.tell()
        self.file.seek(0)
        try:
            with path.open("xb") as target:
                shutil.copyfileobj(self.file, target)
        finally:
            self.file.seek(position)

    @classmethod
    def _validate(cls, value: Any, _: Any = None) -> Any:
        if not isinstance(value, StarletteUploadFile):
            raise ValueError(f"Expected UploadFile, received: {type(value)}")  # noqa: TRY004 -- Pydantic wants this
        return value

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> Any:
        """Accept uploads and nothing else, without copying them."""
        return handler.generate_schema(Annotated[Any, PlainValidator(cls._validate)])

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the content as opaque bytes (JSON Schema 2020-12, content vocabulary)."""
        return {"type": "string", "contentMediaType": "application/octet-stream"}
