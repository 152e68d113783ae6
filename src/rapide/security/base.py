"""What all security schemes share."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from rapide.exceptions import HTTPException

if TYPE_CHECKING:
    from rapide.security.schemes import SecurityBase as SecurityBaseModel

__all__ = ["Scheme", "SecurityBase", "is_text", "reads_strictly"]

T = TypeVar("T")


class SecurityBase:
    """A security scheme. A dependency whose callable is an instance of this class is documented as one.

    Attributes:
        model: The scheme as OpenAPI shows it.
        scheme_name: The name of the scheme in the document.
    """

    model: "SecurityBaseModel"
    scheme_name: str


class Scheme(SecurityBase):
    """A scheme that answers 401 to missing credentials, and makes its model when it is first asked for.

    Args:
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether missing credentials are answered with 401; otherwise the result is None.
        valid: Whether all that was declared has the right types. Where it has not, the model is made at once,
            so that the mistake is reported where it was made.
    """

    def __init__(
        self, *, scheme_name: str | None, description: str | None, auto_error: bool, valid: bool
    ) -> None:
        self.scheme_name = scheme_name or self.__class__.__name__
        self.auto_error = auto_error
        self._description = description
        if not (valid and is_text(optional=[description])):
            self.model = self.describe()

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not there. Assigned, by us or by anyone, the model is found without this.
        if name != "model":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        model = self.model = self.describe()
        return model

    @abstractmethod
    def describe(self) -> "SecurityBaseModel":
        """Return a new model of the scheme."""

    @abstractmethod
    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge, as headers of the 401 (RFC 9110, section 11.6.1). Override it at will."""

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the exception for missing credentials. Override it to answer differently."""
        return HTTPException(HTTP_401_UNAUTHORIZED, "Not authenticated", self.make_authenticate_headers())

    def _accept(self, credentials: T | None) -> T | None:
        if credentials is None and self.auto_error:
            raise self.make_not_authenticated_error()
        return credentials


def is_text(*values: Any, optional: Iterable[Any] = ()) -> bool:
    """Tell whether all values are text, and the optional ones text or None."""
    return all(isinstance(value, str) for value in values) and all(
        value is None or isinstance(value, str) for value in optional
    )


def reads_strictly(connection: HTTPConnection) -> bool:
    """Tell whether the application reads credentials by their RFCs, or as leniently as FastAPI does."""
    behaviour = getattr(connection.scope.get("app"), "behaviour", None)
    strict: bool = getattr(behaviour, "strict_credentials", True)
    return strict
