"""What users are told by mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["SendMail", "UserMail"]


@dataclass(frozen=True)
class UserMail:
    """A mail that has to be written and sent.

    Attributes:
        kind: "verify" has a code that proves the address, "reset" one that sets a new password, "new_email"
            one that makes this the address of the account. "exists" tells who registered again that there is
            an account, "changed" that the password was changed, "email_changed", which goes to the address
            before, that another one has taken its place.
        to: The address.
        code: The code, for a link to a page that sends it with POST; None where there is none.
    """

    kind: Literal["verify", "reset", "new_email", "exists", "changed", "email_changed"]
    to: str
    code: str | None = field(default=None, repr=False)


SendMail = Callable[[UserMail], Awaitable[None]]
