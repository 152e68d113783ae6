"""Where the two faces differ: one documented field for each difference, and the two instances."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from rapide._dataclass import dataclass

__all__ = ["FASTAPI", "RAPIDE", "Behaviour"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The decisions on which Rapide and FastAPI differ. The defaults are Rapide's.

    Any field may be set on an application by itself: `Rapide(behaviour=replace(RAPIDE, slashes="strict"))`.
    """

    errors: Literal["problem", "detail"] = "problem"
    """Error bodies: RFC 9457 `application/problem+json`, or FastAPI's `{"detail": …}`."""

    echo_input: bool = False
    """Whether a 422 shows the submitted values (`input`, `ctx`)."""

    dependency_exit: Literal["before_response", "after_response"] = "before_response"
    """When request-scoped `yield` dependencies are left: before the first byte of a buffered response, or
    after it.
    """

    slashes: Literal["both", "redirect", "strict"] = "both"
    """A path that differs by a trailing slash: served, redirected to, or not found."""

    strict_requests: bool = True
    """Refuse, before anything else, a request that others may read otherwise: no Host or several, a path that
    is none, is not UTF-8 or has an encoded slash, two lengths; and drop headers that pretend to be others.
    """

    redirect: Literal["relative", "absolute"] = "relative"
    """The `Location` of a slash redirect: a path, or an absolute URL built from the Host header."""

    routing: Literal["literal_first", "declared"] = "literal_first"
    """Which of several matching routes wins: literal paths before parameters, or the one declared first."""

    automatic_methods: bool = True
    """Answer HEAD for every GET, and OPTIONS with `Allow`; a 405 names the methods of all matching routes."""

    max_json_size: int | None = 1024 * 1024
    """Bytes of a JSON body where no limit is declared; None is unlimited."""

    max_form_size: int | None = 16 * 1024 * 1024
    """Bytes of a form where no limit is declared; None is unlimited."""

    body_timeout: float | None = 30.0
    """Seconds for which a client may send nothing amid its body before it is answered 408; None waits for
    ever.
    """

    cancel_on_disconnect: bool = True
    """Cancel what a request of a safe method (RFC 9110, section 9.2.1) waits for when its client has left,
    and raise `Disconnected` into its dependencies; into those of a stream that was not taken to its end as
    well. Otherwise endpoints run on, and dependencies see a success.
    """

    strict_json: bool = True
    """Refuse what RFC 8259 does not know: NaN, lone surrogates, other encodings than UTF-8, nesting without
    end.
    """

    max_json_depth: int | None = 64
    """How deep the lists and objects of a JSON body may be nested where their types set no end, and with it a
    number there has at most 64 bits; None leaves it to the parser.
    """

    unique_json_keys: bool = False
    """Refuse a JSON object that has the same key twice: two readers would choose differently."""

    bounded_numbers: bool = True
    """Floats that come in are finite and integers have at most 64 bits, where the declaration sets no bounds;
    otherwise infinity, NaN and integers of 4,300 digits pass.
    """

    unsupported_media_type: bool = True
    """Answer 415 to a body of a media type that the route does not read; otherwise the raw bytes are
    validated.
    """

    strict_forms: bool = True
    """Refuse forms that end before their closing boundary, that are not UTF-8, and uploads for which the disk
    has no space, each with its own status; otherwise the best is made of them.
    """

    json_parts: bool = True
    """Read parts of a form as JSON where no text could hold the declared type, or where the part says that it
    is JSON.
    """

    middleware_errors: bool = True
    """Answer what middleware raises like what endpoints raise: an HTTPException with its status, others by
    their handlers; otherwise it is a 500.
    """

    repeated_fields: Literal["refuse", "last"] = "refuse"
    """A form field or query parameter that holds one value and was sent several times: an error, or the last
    value.
    """

    mounted_lifespans: bool = True
    """Run the lifespans of mounted applications."""

    errors_inside_middleware: bool = True
    """Make the 500 of an unhandled exception inside the user's middleware, so that CORS headers and the like
    are on it.
    """

    json_policy: Literal["exact", "fastapi"] = "exact"
    """Values without a model: as models encode them (Decimal as text, NaN as null), or as `jsonable_encoder`
    does.
    """

    operation_ids: Literal["function", "path"] = "function"
    """Operation ids: the function's name, with words of its path where several have it, and equal ones are an
    error; or name, path and method, and equal ones are warned of.
    """

    local_docs: bool = True
    """Docs pages use assets that the application serves, under a strict CSP; otherwise a CDN."""

    query_sequences: bool = True
    """On methods without a body, a list of scalars without a marker is a query parameter, not the body."""

    inline_classes: bool = True
    """Construct classes given as dependencies in place; otherwise in a worker thread."""

    strict_credentials: bool = True
    """Refuse credentials that stretch their standard: an empty bearer token, Basic with loose base64."""

    merge_injected_response: bool = True
    """Headers, cookies and status set on the injected `Response` also reach a `Response` that the endpoint
    returns.
    """

    strict_responses: bool = True
    """Check headers and cookies at the line that sets them on the injected `Response`, and send
    `X-Content-Type-Options: nosniff` with everything and what protects a page with HTML.
    """

    private_responses: bool = True
    """Send `Cache-Control: no-store` with what routes that ask for credentials answer, and raise, unless they
    set another: no cache may give it to somebody else.
    """

    missing_names: Literal["error", "ignore"] = "error"
    """An annotation that cannot be resolved: an error at start, or an untyped parameter."""

    isolated_tasks: bool = True
    """Log a background task that fails, and run the others; otherwise it ends the row."""

    strict_declarations: bool = True
    """Refuse when the program starts what can never work, or does not do what it says: a path without its
    slash, `*args`, a path parameter with a default or without a place in the path, a Request in a WebSocket.
    """

    joint_security: bool = True
    """Document all schemes that an operation asks for as one requirement, which means that it needs them all;
    otherwise each by itself, which means that one of them is enough.
    """

    websocket_origins: tuple[str, ...] | None = ()
    """Origins other than its own from whose pages browsers may open WebSockets with cookies or a password,
    such as `("https://app.example.com",)`; None lets every page do so.
    """

    max_message_size: int | None = 1024 * 1024
    """Bytes of a WebSocket message; a longer one closes the socket with 1009. None leaves it to servers."""

    message_timeout: float | None = 30.0
    """Seconds that a WebSocket client may take to take a message in, before its endpoint is cancelled and the
    connection given up; None waits as long as the server does.
    """

    repeated_errors: bool = False
    """Solve a shared dependency for each use before its result is looked up: errors are reported, and what it
    needs with `use_cache=False` is called, once for each use. Otherwise once, as the errors of a value that
    several ask for.
    """

    documented_errors: Literal["problem", "validation"] = "problem"
    """How a 422 is documented: as a problem document, or as FastAPI's HTTPValidationError."""

    strict_documents: bool = True
    """Keep the OpenAPI document to its version: what 3.1 does not know, such as `itemSchema`, is said in its
    words.
    """

    title: str = "Rapide"
    """The framework's name: the default title of the OpenAPI document, and in errors about markers."""

    logger: str = "rapide"
    """The name of the logger for what is wrong with the installation or a declaration."""

    telemetry: Literal["rapide", "fastapi"] = "rapide"
    """The name of the instrumentation scope, with which the names of spans and events begin."""

    scope_key: str | None = None
    """The scope key under which third parties look for the route's context."""


RAPIDE = Behaviour()

FASTAPI = replace(
    RAPIDE,
    errors="detail",
    echo_input=True,
    dependency_exit="after_response",
    slashes="redirect",
    strict_requests=False,
    redirect="absolute",
    routing="declared",
    automatic_methods=False,
    max_json_size=None,
    max_form_size=None,
    body_timeout=None,
    cancel_on_disconnect=False,
    strict_json=False,
    max_json_depth=None,
    bounded_numbers=False,
    unsupported_media_type=False,
    strict_forms=False,
    json_parts=False,
    middleware_errors=False,
    repeated_fields="last",
    mounted_lifespans=False,
    errors_inside_middleware=False,
    json_policy="fastapi",
    operation_ids="path",
    local_docs=False,
    query_sequences=False,
    inline_classes=False,
    strict_credentials=False,
    merge_injected_response=False,
    strict_responses=False,
    private_responses=False,
    missing_names="ignore",
    isolated_tasks=False,
    strict_declarations=False,
    joint_security=False,
    websocket_origins=None,
    max_message_size=None,
    message_timeout=None,
    repeated_errors=True,
    documented_errors="validation",
    strict_documents=False,
    title="FastAPI",
    logger="fastapi",
    telemetry="fastapi",
    scope_key="fastapi",
)
