"""The OAuth2 scopes that a dependency is used with."""

__all__ = ["SecurityScopes"]


class SecurityScopes:
    """The scopes asked for by whoever depends on this. Declare a parameter of this type to receive them.

    Args:
        scopes: The scopes; None stands for none.

    Attributes:
        scopes: The scopes of all dependants down to this dependency, outermost first, each once.
        scope_str: The same joined by spaces, as challenges and tokens write them (RFC 6749, section 3.3).
    """

    def __init__(self, scopes: list[str] | None = None) -> None:
        self.scopes: list[str] = scopes or []
        self.scope_str: str = " ".join(self.scopes)
