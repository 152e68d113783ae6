"""Mistakes in declarations: what is wrong, where, and what to write instead.

    FastAPIError (RuntimeError)                      every mistake that Rapide itself reports
    └── DeclarationError                             a wrong declaration; has code, place and remedy
        ├── MarkerError (AssertionError)             markers and annotations that contradict each other
        ├── DefaultsError (TypeError)                a parameter has two defaults
        ├── UnsupportedTypeError                     Pydantic cannot handle the type
        ├── UnresolvedAnnotationError (NameError)    a name in an annotation stands for nothing
        ├── RouteError (AssertionError)              path, status, responses of a route
        ├── RouterError (AssertionError)             prefixes and inclusions
        ├── InvalidValueError (ValueError)           a limit or a path template that cannot be
        ├── AccessError                      who may call, and how that is found out
        ├── FrontendError                            a frontend's directory or fallback is not there
        ├── AuthDeclarationError (ValueError)        keys, tokens and flows that would not be safe
        └── DependencyScopeError                     a longer-lived dependency needs a shorter-lived one
Codes are stable. `rapide explain-error CODE` prints the long text of `CODES`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from rapide._dataclass import dataclass

__all__ = [
    "CODES",
    "AccessError",
    "AuthDeclarationError",
    "DeclarationError",
    "DefaultsError",
    "DependencyScopeError",
    "FastAPIDeprecationWarning",
    "FastAPIError",
    "FrontendError",
    "InvalidValueError",
    "MarkerError",
    "RouteError",
    "RouterError",
    "UnresolvedAnnotationError",
    "UnsupportedTypeError",
    "explain_code",
    "locate",
]


class FastAPIError(RuntimeError):
    """A mistake in how the framework is used. The name is FastAPI's, so that handlers for it keep working."""


class FastAPIDeprecationWarning(UserWarning):
    """Something still works and will go; a `UserWarning`, so that it is shown by default."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means and what to do."""

    summary: str
    remedy: str


CODES: dict[str, Code] = {
    "RAP101": Code(
        "A marker inside `Annotated` carries a default value.",
        "Move the default behind the parameter: `name: Annotated[int, Query()] = 3`.",
    ),
    "RAP102": Code(
        "A parameter has a marker in `Annotated` and a second one as its default value.",
        "Keep the one in `Annotated`, and put the plain default behind the equals sign.",
    ),
    "RAP103": Code(
        "A path parameter has a default value.",
        "A path always holds its parameters: remove the default, "
        "and give the path without the parameter a function of its own.",
    ),
    "RAP104": Code(
        "A name of the path template is declared with a marker of another place.",
        "Use `Path()` or no marker, or rename the parameter.",
    ),
    "RAP105": Code(
        "A path parameter has a type that one path segment cannot hold.",
        "Use a scalar type (int, str, UUID, Enum, Literal …); "
        "put lists and models into the query or the body.",
    ),
    "RAP106": Code(
        "A query parameter has a type that a query string cannot hold.",
        "Use scalars, lists of scalars, or a Pydantic model whose fields are such; "
        "put nested data into the body.",
    ),
    "RAP107": Code(
        "A Pydantic `Field(...)` stands where a marker belongs.",
        "Use `Query(...)`, `Body(...)` …, or move the `Field(...)` into `Annotated`.",
    ),
    "RAP108": Code(
        "A parameter that the framework provides (Request, Response …) has a marker.",
        "Remove the marker; the type says it all.",
    ),
    "RAP109": Code(
        "The type is not one that Pydantic can validate or serialise.",
        "Use a Pydantic model, a dataclass, a TypedDict or a built-in type. "
        "For a return annotation that is not data, say `response_model=None`.",
    ),
    "RAP110": Code(
        "An annotation uses a name that stands for nothing.",
        "Import the name at run time (not only under TYPE_CHECKING) or correct its spelling.",
    ),
    "RAP111": Code(
        "`Depends()` has neither a callable nor a type to call.",
        "Write `Depends(function)`, or annotate the parameter with the class to construct.",
    ),
    "RAP112": Code(
        "Dependencies depend on each other in a circle.", "Take what both need into a third dependency."
    ),
    "RAP113": Code(
        "A dependency that lives as long as the request needs one that ends with the function.",
        'Give the inner one `scope="request"`, or the outer one `scope="function"`.',
    ),
    "RAP114": Code(
        "Forms and files need the package python-multipart.",
        'Install it: pip install "rapide[standard]" (or python-multipart).',
    ),
    "RAP115": Code(
        "A parameter cannot be given by its name: it is positional-only, `*args` or `**kwargs`.",
        "Name every parameter, and remove `/`, `*args` and `**kwargs`. "
        "A decorator's wrapper keeps the names of what it wraps with `functools.wraps`.",
    ),
    "RAP116": Code(
        "A parameter is marked with `Path()`, and the path does not hold its name.",
        "Put the name into the path, in braces, or correct it. "
        "What stands in the path of a mount is in `request.path_params`.",
    ),
    "RAP117": Code(
        "A WebSocket endpoint asks for a `Request` or for a body, or an HTTP endpoint for a `WebSocket`.",
        "Ask for what the endpoint has: of a WebSocket, query, headers, cookies, and the messages. "
        "A dependency of both takes an `HTTPConnection`, from `rapide.requests`.",
    ),
    "RAP118": Code(
        "A parameter has a default value and a default factory.",
        "Keep one of them: `name: Annotated[int, Query(default_factory=make)]`, "
        "or `name: Annotated[int, Query()] = 3`.",
    ),
    "RAP201": Code("An endpoint is not callable.", "Decorate a function, or pass one."),
    "RAP202": Code("An additional response is not a dict.", 'Write `responses={404: {"description": "…"}}`.'),
    "RAP203": Code(
        "A status code that never has a body was given a response model.",
        "Remove the model (`response_model=None`), or use another status code.",
    ),
    "RAP204": Code("A path does not start with a slash.", 'Write "/items" instead of "items".'),
    "RAP205": Code(
        "Two operations have the same operation id.",
        "Give one of them another `operation_id=`, or leave it out: "
        "ids made of function names are told apart by their paths.",
    ),
    "RAP206": Code(
        "A limit is not a non-negative integer.", "Give bytes or counts as int, or None for no own limit."
    ),
    "RAP207": Code(
        "A path template names a convertor that does not exist.",
        "Use str, path, int, float or uuid, or register the convertor before the route is declared.",
    ),
    "RAP208": Code("A path template holds a name twice.", "Rename one of the parameters."),
    "RAP209": Code(
        "A limit on concurrent calls is not a positive integer.",
        "Write max_concurrency=1 or more, or leave it out.",
    ),
    "RAP210": Code(
        "An allowed host is no name.",
        'Write allowed_hosts=["example.com", "*.example.com"], without scheme and port.',
    ),
    "RAP211": Code(
        "The public URL is no origin.", 'Write public_url="https://example.com"; a path goes into root_path.'
    ),
    "RAP212": Code("A timeout is no time.", "Give seconds above 0, or math.inf for no limit."),
    "RAP213": Code("A lane of threads has no size.", "Give a number above 0, or None for the usual one."),
    "RAP301": Code("A prefix does not start with a slash.", 'Write prefix="/items".'),
    "RAP302": Code("A prefix ends with a slash.", 'The routes start with one: write prefix="/items".'),
    "RAP303": Code("A router includes itself.", "Include a different router; look for the circle."),
    "RAP304": Code("Prefix and path are both empty.", "Give the inclusion a prefix or the route a path."),
    "RAP305": Code(
        "A frontend has an unknown fallback.", 'Write fallback="auto", "index.html", "404.html" or None.'
    ),
    "RAP306": Code(
        "The directory of a frontend does not exist.",
        "Build the frontend first, or say check_dir=False; "
        "while developing (RAPIDE_ENV=development) it may come later.",
    ),
    "RAP307": Code(
        "The fallback file of a frontend does not exist.",
        "Correct the build or the directory, or say fallback=None; check_dir=False does not look.",
    ),
    "RAP401": Code(
        "A route can never be reached: an earlier one takes all its requests.",
        "Remove it, or move it to the front.",
    ),
    "RAP402": Code(
        "A model matches patterns with Python's engine, which some texts keep busy for years.",
        'Leave out regex_engine="python-re", and write the pattern without look-around; or limit the length.',
    ),
    "RAP403": Code(
        "An API key is read from the query.",
        "Addresses end up in logs and histories. Read the key from a header: APIKeyHeader, VerifiedAPIKey.",
    ),
    "RAP404": Code(
        "A path has parameters that can share out a long path among them in very many ways.",
        "Let one parameter be a `path`, the last one; and let no convertor of yours repeat what repeats.",
    ),
    "RAP501": Code(
        "Passwords would be hashed with less work than OWASP asks for.",
        "Leave the parameters out, or raise them: memory_kib=19_456 and time_cost=2 are the least.",
    ),
    "RAP502": Code(
        "A secret that signs is too short, or can be guessed.",
        "Make one, and keep it in the environment: "
        'python -c "import secrets; print(secrets.token_urlsafe(32))".',
    ),
    "RAP503": Code(
        "A signing key cannot be read, cannot sign, or does not fit its algorithm.",
        "Use a secret of 32 random bytes, or the PEM file of a private key: "
        "RSA of 2,048 bits, P-256, P-384, P-521 or Ed25519.",
    ),
    "RAP504": Code(
        "Tokens have no issuer, no audience or no class.",
        'Say who makes them and for whom: Tokens(key, issuer="https://api.example.com", audience="shop").',
    ),
    "RAP505": Code(
        "A lifetime or a leeway is out of bounds.",
        "Give a positive lifetime, and a leeway of 60 seconds at most.",
    ),
    "RAP506": Code(
        "The address of somebody else's keys is not https.",
        "Write https://…; a provider on the same machine may have http with allow_http=True.",
    ),
    "RAP507": Code(
        "A client has no address to send users back to, or one that is not safe.",
        'Name each letter by letter: redirect_uris=("https://app.example.com/callback",). '
        "http is for this machine alone; fragments and wildcards are not allowed.",
    ),
    "RAP508": Code(
        "The secret of a client is not given as a hash.",
        "Make a secret with generate_secret(), give it to the client, and write down its hash: "
        "secret_hashes=(hash_secret(secret),).",
    ),
    "RAP601": Code(
        "The `auth` option is neither a dependency nor `public`.",
        "Give the function that says who is calling, one that returns whether they may, a `Depends(...)` or "
        "`Security(...)` with one; or `public` from rapide.auth.",
    ),
    "RAP602": Code(
        "What decides who may call reads the body.",
        "Decide by headers, cookies, query and path: a refused client's body is never read.",
    ),
    "RAP603": Code(
        "What decides who may call does not say what it returns.",
        "Annotate it: `-> None` if it raises, `-> bool` if False means 403, "
        "`-> User | None` if None means 401, `-> User` if it always returns one.",
    ),
    "RAP604": Code(
        "Permissions are asked of a caller that does not have any.",
        "Give the class that the dependency returns an attribute `scopes` (or `roles`), "
        "a list of texts or one text with spaces.",
    ),
    "RAP605": Code(
        "One of several ways to be let in refuses by itself, so that the others are never tried.",
        "Give its scheme `auto_error=False`, and let it return None for nobody or False for may not.",
    ),
    "RAP606": Code(
        "A session could not be kept safely: its times, its size or its cookie cannot be.",
        "Leave the options out, or give positive times with idle <= absolute, a name of letters, digits, `-` "
        'and `_` without `__Host-`, and same_site="lax" or "strict".',
    ),
    "RAP607": Code(
        "The protection against forged requests would not protect.",
        'Write trusted origins as "https://app.example.com", without a path; make secrets with '
        'python -c "import secrets; print(secrets.token_urlsafe(32))".',
    ),
    "RAP608": Code(
        "A route of users is to be left out, and there is none of that name.",
        "Use the names of rapide.auth.users.routes.ROUTES.",
    ),
}


def explain_code(code: str) -> str:
    """Return the long text of a code. Raises KeyError for a code that does not exist."""
    entry = CODES[code]
    return f"{code}: {entry.summary}\n\nWhat to do: {entry.remedy}\n"


def locate(function: Callable[..., Any] | None) -> tuple[str | None, int | None]:
    """Return file and first line of a callable, as far as Python knows them."""
    while isinstance(function, partial):
        function = function.func
    target: Any = inspect.unwrap(function) if callable(function) else function
    target = getattr(target, "__func__", target)
    code = getattr(target, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno
    try:
        file = inspect.getsourcefile(target)
        return file, inspect.getsourcelines(target)[1]
    except (OSError, TypeError):
        return None, None


def _calling_line() -> tuple[str | None, int | None]:
    """Return file and line of the code that called into this package."""
    frame = sys._getframe(1)  # noqa: SLF001 -- the way to the caller; a stack of frame records is slow
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "rapide":
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


class DeclarationError(FastAPIError):
    """A wrong declaration.

    Attributes: `code` (a key of `CODES`), `message` (one sentence), `file` and `line` of the function
    concerned, `parameter` (its name), `remedy`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        function: Callable[..., Any] | None = None,
        parameter: str | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.parameter = parameter
        self.remedy = CODES[code].remedy
        self.function = getattr(function, "__qualname__", None) or (repr(function) if function else None)
        self.file, self.line = locate(function) if function is not None else (None, None)
        if self.file is None:
            self.file, self.line = _calling_line()
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [self.message]
        if self.file:
            inside = f", in {self.function}" if self.function else ""
            lines.append(f'  File "{self.file}", line {self.line}{inside}')
        if self.parameter:
            lines.append(f"  Parameter: {self.parameter}")
        code = f"  Code: {self.code} (rapide explain-error {self.code})"
        return "\n".join([*lines, f"  What to do: {self.remedy}", code])


class MarkerError(DeclarationError, AssertionError):
    """Markers and annotations of a parameter contradict each other."""


class DefaultsError(DeclarationError, TypeError):
    """A parameter has a default value and a default factory."""


class UnsupportedTypeError(DeclarationError):
    """A type that Pydantic cannot handle."""


class UnresolvedAnnotationError(DeclarationError, NameError):
    """A name in an annotation stands for nothing."""


class RouteError(DeclarationError, AssertionError):
    """Path, status or responses of a route are wrong."""


class RouterError(DeclarationError, AssertionError):
    """A prefix or an inclusion is wrong."""


class InvalidValueError(DeclarationError, ValueError):
    """A limit, or a path template, has a value that cannot be."""


class AccessError(DeclarationError):
    """Who may call is declared wrongly, or what finds it out is set up in a way that is not safe."""


class FrontendError(DeclarationError):
    """The directory of a frontend, or its fallback file, does not exist."""


class AuthDeclarationError(DeclarationError, ValueError):
    """A key, a token or a flow is declared in a way that would not be safe."""


class DependencyScopeError(DeclarationError):
    """A dependency that lives longer needs one that lives shorter."""
