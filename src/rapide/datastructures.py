"""The values that requests are made of."""

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator
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


class UploadFile(StarletteUploadFile):
    """A file that the client sent in a multipart form.

    Its content lies in memory while it is small and in a temporary file when it is not. `write(data)`,
    `read(size=-1)`, `seek(offset)` and `close()` are coroutines; what may touch the disk runs in a thread.

    Attributes:
        file: The underlying file object, with blocking methods.
        filename: The name that the client gave. Never use it as a path: the client chooses it freely.
        size: The number of bytes, or None if nobody counted.
        headers: The headers of this part of the form.
        content_type: The media type that the client claims.
    """

    @classmethod
    def _validate(cls, value: Any) -> Any:
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
