"""Addresses in logs and traces: readable, without what opens doors."""

import pytest

from rapide._redaction import redact_query, redact_target
from rapide.fastapi.security import APIKeyQuery as FastAPIKeyQuery
from rapide.security import APIKeyQuery


@pytest.mark.row("LOG-02")
@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "apikey", "API-KEY", "x_api_key", "key", "token", "access_token", "id_token", "jwt"),
        *("password", "pwd", "client_secret", "code", "state", "sig", "X-Amz-Signature", "session_id", "otp"),
        *("api%5Fkey", "%74oken", "to%6ben"),
    ],
)
def test_the_value_of_a_secret_is_not_shown(name: str) -> None:
    """LOG-02: whatever stands before and after it, the name stays and the value goes."""
    assert redact_target(f"/a?{name}=hunter2") == f"/a?{name}=REDACTED"
    assert redact_query(f"a=1&{name}=hunter2=&{name}=again&b=2") == (
        f"a=1&{name}=REDACTED&{name}=REDACTED&b=2"
    )
    assert redact_target(f"/a?x=?&{name}=hunter2?token=1") == f"/a?x=?&{name}=REDACTED"


@pytest.mark.parametrize(
    "target",
    ["/", "/token=1", "/a?", "/a?keyboard=1&encode=2&statement=3", "/?q=a%20b&&=x", "*"],
)
def test_everything_else_is_left_as_it_is(target: str) -> None:
    """A log that hides what is no secret helps nobody."""
    assert redact_target(target) == target


@pytest.mark.row("AUT-09")
@pytest.mark.parametrize(("scheme", "name"), [(APIKeyQuery, "Zugang"), (FastAPIKeyQuery, "acces")])
def test_the_name_of_a_declared_key_is_hidden(scheme: type[APIKeyQuery], name: str) -> None:
    """AUT-09: a scheme that reads keys from the query says so, whatever the parameter is called."""
    assert redact_query(f"{name}=1") == f"{name}=1"
    scheme(name=name)
    assert redact_query(f"{name}=1&{name.upper()}=2") == f"{name}=REDACTED&{name.upper()}=REDACTED"
