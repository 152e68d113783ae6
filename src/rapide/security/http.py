"""The schemes of HTTP's own `Authorization` header: Basic, Bearer, Digest and any other."""

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.requests import HTTPConnection

from rapide.security.base import Scheme, is_text, reads_strictly
from rapide.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from rapide.security.schemes import HTTPBase as HTTPBaseModel
    from rapide.security.schemes import HTTPBearer as HTTPBearerModel

__all__ = [
    "HTTPAuthorizationCredentials",
    "HTTPBase",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
    "read_basic",
]


class HTTPBasicCredentials(BaseModel):
    """User name and password as they were sent. Compare them with `secrets.compare_digest`, as bytes.

    Attributes:
        username: The user name.
        password: The password.
    """

    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    """An `Authorization` header in its two parts.

    Attributes:
        scheme: The scheme as it was sent; compare it without regard to case.
        credentials: All that came after it.
    """

    scheme: str
    credentials: str


class HTTPBase(Scheme):
    """Any scheme of the `Authorization` header. The result of the dependency is the header in its two parts.

    Args:
        scheme: The name of the scheme, for the document and the challenge; it is not compared.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether absent credentials are answered with 401; otherwise the result is None.
    """

    model: "HTTPBaseModel"

    def __init__(
        self,
        *,
        scheme: str,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._scheme = scheme
        super().__init__(
            scheme_name=scheme_name, description=description, auto_error=auto_error, valid=is_text(scheme)
        )

    def describe(self) -> "HTTPBaseModel":
        """Return a new model of the scheme."""
        from rapide.security.schemes import HTTPBase as Model  # noqa: PLC0415 -- only documents need it

        return Model(scheme=self._scheme, description=self._description)

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge: the name of the scheme. Override it to change it."""
        # A model that somebody assigned has the last word.
        model = self.__dict__.get("model")
        scheme: str = self._scheme if model is None else model.scheme
        return {"WWW-Authenticate": scheme.title()}

    def _read(self, request: HTTPConnection, expected: str | None) -> HTTPAuthorizationCredentials | None:
        scheme, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme and credentials and (expected is None or scheme.lower() == expected):
            return HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials)
        return self._accept(None)

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Return the credentials of the connection."""
        return self._read(request, None)


# RFC 7617, section 2: neither user name nor password has any.
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")


def _decode_strictly(encoded: str) -> str:
    """Return the text of Basic credentials, or "" where they are malformed."""
    try:
        raw = b64decode(encoded, validate=True)
        decoded = raw.decode("utf-8")
    except ValueError:
        return ""
    # What `validate` lets through, too much padding among it, differs between versions of Python.
    is_exact = b64encode(raw).decode("ascii") == encoded
    return decoded if is_exact and not _CONTROL_CHARACTER.search(decoded) else ""


def read_basic(header: str) -> tuple[str, str] | None:
    """Return user name and password of an `Authorization` header, or None: strictly by RFC 7617."""
    scheme, encoded = get_authorization_scheme_param(header)
    # The user name has no colon, the password may (RFC 7617, section 2).
    username, colon, password = _decode_strictly(encoded).partition(":")
    return (username, password) if scheme.lower() == "basic" and colon else None


def _decode_leniently(encoded: str) -> str:
    try:
        return b64decode(encoded).decode("ascii")
    except ValueError:
        return ""


class HTTPBasic(HTTPBase):
    """User name and password (RFC 7617). The result of the dependency are `HTTPBasicCredentials`.

    Credentials that cannot be read are answered with 401 even without `auto_error`: whoever sends some means
    them. Rapide reads strict base64 of UTF-8; with FastAPI's behaviour lenient base64 of ASCII is read.

    Args:
        scheme_name: The name of the scheme in the document; the name of the class by default.
        realm: What the credentials are for; browsers show it.
        description: A description for the document.
        auto_error: Whether absent credentials are answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error
        )
        self.realm = realm

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge, with the realm as a quoted string (RFC 9110, section 5.6.4)."""
        if not self.realm:
            return {"WWW-Authenticate": "Basic"}
        realm = str(self.realm).replace("\\", "\\\\").replace('"', '\\"')
        return {"WWW-Authenticate": f'Basic realm="{realm}"'}

    async def __call__(  # type: ignore[override]  # other credentials than the base class, as in FastAPI
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        """Return the credentials of the connection."""
        scheme, encoded = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "basic":
            return self._accept(None)
        decoded = _decode_strictly(encoded) if reads_strictly(request) else _decode_leniently(encoded)
        # The user name has no colon, the password may (RFC 7617, section 2).
        username, colon, password = decoded.partition(":")
        if not colon:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=username, password=password)


class HTTPBearer(HTTPBase):
    """A bearer token (RFC 6750). The result of the dependency is the header in its two parts.

    Args:
        bearerFormat: What kind of token, for readers of the document, such as "JWT".
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent token is answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 -- OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._bearer_format = bearerFormat
        super().__init__(
            scheme="bearer", scheme_name=scheme_name, description=description, auto_error=auto_error
        )
        if not is_text(optional=[bearerFormat]):
            self.model = self.describe()  # reports the mistake here

    def describe(self) -> "HTTPBearerModel":
        """Return a new model of the scheme."""
        from rapide.security.schemes import HTTPBearer as Model  # noqa: PLC0415 -- only documents need it

        return Model(bearerFormat=self._bearer_format, description=self._description)

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Return the credentials of the connection."""
        return self._read(request, "bearer")


class HTTPDigest(HTTPBase):
    """Digest access authentication (RFC 7616). The result of the dependency is the header in its two parts.

    Nothing is verified; computing and comparing the digest is the application's.

    Args:
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether absent credentials are answered with 401; otherwise the result is None.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(
            scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error
        )

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Return the credentials of the connection."""
        return self._read(request, "digest")
