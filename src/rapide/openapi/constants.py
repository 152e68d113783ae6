"""Names that OpenAPI documents are written with."""

from typing import Final

__all__ = ["METHODS_WITH_BODY", "REF_PREFIX", "REF_TEMPLATE"]

# The methods whose operations may document a request body. GET and HEAD are among them because some clients
# send one, although RFC 9110, section 9.3.1, gives it no meaning.
METHODS_WITH_BODY = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"}

REF_PREFIX: Final = "#/components/schemas/"
REF_TEMPLATE: Final = REF_PREFIX + "{model}"
