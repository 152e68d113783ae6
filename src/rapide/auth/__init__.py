"""Who is calling, and may they: verified authentication and authorisation, declared in type hints.

In: credentials of a request, and what the application keeps about its users. Out: typed users, or 401 or 403
with the right challenge. It may know routers and security schemes; nothing in the engine knows it.
"""

from typing import TYPE_CHECKING

from rapide._lazy import load_on_demand

if TYPE_CHECKING:
    from rapide.auth.accounts import Account, Login
    from rapide.auth.api_keys import APIKey, APIKeyLogin, APIKeys, VerifiedAPIKey
    from rapide.auth.attempts import Attempts
    from rapide.auth.basic import Basic, BasicLogin
    from rapide.auth.bearer import Token, TokenBearer
    from rapide.auth.claims import Claims
    from rapide.auth.compact import InvalidTokenError
    from rapide.auth.csrf import CSRFMiddleware, CSRFPolicy, csrf_token
    from rapide.auth.digest import DigestCredentials, parse_digest
    from rapide.auth.flows.clients import Client
    from rapide.auth.flows.code import CodeFlow
    from rapide.auth.flows.jwks import jwks_router
    from rapide.auth.flows.password import PasswordFlow
    from rapide.auth.jwks import RemoteKeys
    from rapide.auth.keys import Key, Keys, KeySource
    from rapide.auth.opaque import constant_time_equal, generate_secret, hash_secret
    from rapide.auth.openid import Identity, OpenIDLogin
    from rapide.auth.password_policy import PasswordPolicy, WeakPasswordError, generate_password
    from rapide.auth.passwords import (
        MAX_PASSWORD_BYTES,
        PasswordError,
        Passwords,
        hash_password,
        verify_password,
    )
    from rapide.auth.permissions import all_of, any_of, requires
    from rapide.auth.refresh import Grant, InvalidGrantError, RefreshTokens
    from rapide.auth.session_user import SessionUser
    from rapide.auth.sessions import Session, SessionMiddleware, Sessions, SessionTooLargeError
    from rapide.auth.signing import SignedValues
    from rapide.auth.stores.base import Store
    from rapide.auth.stores.memory import MemoryStore
    from rapide.auth.stores.redis import RedisStore
    from rapide.auth.stores.sql import SQLStore, store_table
    from rapide.auth.tokens import Tokens
    from rapide.declare.depends import public

__all__ = [
    "MAX_PASSWORD_BYTES",
    "APIKey",
    "APIKeyLogin",
    "APIKeys",
    "Account",
    "Attempts",
    "Basic",
    "BasicLogin",
    "CSRFMiddleware",
    "CSRFPolicy",
    "Claims",
    "Client",
    "CodeFlow",
    "DigestCredentials",
    "Grant",
    "Identity",
    "InvalidGrantError",
    "InvalidTokenError",
    "Key",
    "KeySource",
    "Keys",
    "Login",
    "MemoryStore",
    "OpenIDLogin",
    "PasswordError",
    "PasswordFlow",
    "PasswordPolicy",
    "Passwords",
    "RedisStore",
    "RefreshTokens",
    "RemoteKeys",
    "SQLStore",
    "Session",
    "SessionMiddleware",
    "SessionTooLargeError",
    "SessionUser",
    "Sessions",
    "SignedValues",
    "Store",
    "Token",
    "TokenBearer",
    "Tokens",
    "VerifiedAPIKey",
    "WeakPasswordError",
    "all_of",
    "any_of",
    "constant_time_equal",
    "csrf_token",
    "generate_password",
    "generate_secret",
    "hash_password",
    "hash_secret",
    "jwks_router",
    "parse_digest",
    "public",
    "requires",
    "store_table",
    "verify_password",
]

_HOMES = {
    "MAX_PASSWORD_BYTES": "rapide.auth.passwords",
    "APIKey": "rapide.auth.api_keys",
    "APIKeyLogin": "rapide.auth.api_keys",
    "APIKeys": "rapide.auth.api_keys",
    "Account": "rapide.auth.accounts",
    "Attempts": "rapide.auth.attempts",
    "Basic": "rapide.auth.basic",
    "BasicLogin": "rapide.auth.basic",
    "CSRFMiddleware": "rapide.auth.csrf",
    "CSRFPolicy": "rapide.auth.csrf",
    "Claims": "rapide.auth.claims",
    "Client": "rapide.auth.flows.clients",
    "CodeFlow": "rapide.auth.flows.code",
    "DigestCredentials": "rapide.auth.digest",
    "Grant": "rapide.auth.refresh",
    "Identity": "rapide.auth.openid",
    "InvalidGrantError": "rapide.auth.refresh",
    "InvalidTokenError": "rapide.auth.compact",
    "Key": "rapide.auth.keys",
    "KeySource": "rapide.auth.keys",
    "Keys": "rapide.auth.keys",
    "Login": "rapide.auth.accounts",
    "MemoryStore": "rapide.auth.stores.memory",
    "OpenIDLogin": "rapide.auth.openid",
    "PasswordError": "rapide.auth.passwords",
    "PasswordFlow": "rapide.auth.flows.password",
    "PasswordPolicy": "rapide.auth.password_policy",
    "Passwords": "rapide.auth.passwords",
    "RedisStore": "rapide.auth.stores.redis",
    "RefreshTokens": "rapide.auth.refresh",
    "RemoteKeys": "rapide.auth.jwks",
    "SQLStore": "rapide.auth.stores.sql",
    "Session": "rapide.auth.sessions",
    "SessionMiddleware": "rapide.auth.sessions",
    "SessionTooLargeError": "rapide.auth.sessions",
    "SessionUser": "rapide.auth.session_user",
    "Sessions": "rapide.auth.sessions",
    "SignedValues": "rapide.auth.signing",
    "Store": "rapide.auth.stores.base",
    "Token": "rapide.auth.bearer",
    "TokenBearer": "rapide.auth.bearer",
    "Tokens": "rapide.auth.tokens",
    "VerifiedAPIKey": "rapide.auth.api_keys",
    "WeakPasswordError": "rapide.auth.password_policy",
    "all_of": "rapide.auth.permissions",
    "any_of": "rapide.auth.permissions",
    "constant_time_equal": "rapide.auth.opaque",
    "csrf_token": "rapide.auth.csrf",
    "generate_password": "rapide.auth.password_policy",
    "generate_secret": "rapide.auth.opaque",
    "hash_password": "rapide.auth.passwords",
    "hash_secret": "rapide.auth.opaque",
    "jwks_router": "rapide.auth.flows.jwks",
    "parse_digest": "rapide.auth.digest",
    "public": "rapide.declare.depends",
    "requires": "rapide.auth.permissions",
    "store_table": "rapide.auth.stores.sql",
    "verify_password": "rapide.auth.passwords",
}

# Each part brings packages of its own.
__getattr__ = load_on_demand(__name__, _HOMES)
