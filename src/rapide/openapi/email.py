"""E-mail addresses in documents, for when the package email-validator is not installed."""

import logging
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator

__all__ = ["UncheckedEmailStr"]

_logger = logging.getLogger("rapide")


class UncheckedEmailStr(str):
    """An e-mail address as it was written."""

    __slots__ = ()

    @classmethod
    def _accept(cls, value: Any) -> str:
        _logger.warning("email-validator is not installed: e-mail addresses are not checked")
        return str(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> Any:
        """Accept anything, as text."""
        return handler.generate_schema(Annotated[Any, PlainValidator(cls._accept)])

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe what it should be."""
        return {"type": "string", "format": "email"}
