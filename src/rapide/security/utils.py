"""The `Authorization` header."""

__all__ = ["get_authorization_scheme_param"]


def get_authorization_scheme_param(authorization_header_value: str | None) -> tuple[str, str]:
    """Return scheme and parameter of an `Authorization` header (RFC 9110, section 11.4).

    The scheme ends at the first space, and whitespace around the parameter is dropped. What is absent is "".
    """
    scheme, _, parameter = (authorization_header_value or "").partition(" ")
    return scheme, parameter.strip()
