"""Every type at every place, with every value that is known to be awkward: handler and interpreter agree.

Where `test_agreement` looks for surprising combinations, this looks at each type by itself and leaves no
value out. The one known difference is kept out of the pool: an integer of more than 308 digits, sent for a
float, is infinite when it is read from the bytes of the body, and refused when the body is parsed first.
"""

import inspect
import json
from typing import Annotated, Any

import anyio
import pytest
from oracle_exchange import exchange
from oracle_functions import Log, show
from oracle_requests import HOSTILE_BODIES, JSON_VALUES, LONG_INTEGERS, TEXTS, Sent
from oracle_types import BODIES, GROUPS, MARKED_BODIES, SCALARS, SEQUENCES, Kind

from rapide._compile import compile_route
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.declare import params
from rapide.routing import APIRoute
from rapide.routing.request_handler import as_asgi, request_handler

_BEHAVIOURS = pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
_MARKERS = {"query": params.Query, "header": params.Header, "cookie": params.Cookie, "path": params.Path}


def _ids(kinds: tuple[Kind, ...]) -> list[str]:
    return [str(kind.annotation).replace("typing.", "").replace("oracle_types.", "")[:60] for kind in kinds]


def _handlers(annotation: Any, default: Any, behaviour: Behaviour, log: Log) -> tuple[Any, Any]:
    """Return handler and interpreter of a route whose endpoint takes one value and shows it."""

    async def endpoint(**values: Any) -> Any:
        log.add("got", show(values))
        return repr(show(values))

    parameter = inspect.Parameter(
        "value", inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
    endpoint.__signature__ = inspect.Signature([parameter])  # type: ignore[attr-defined]
    route_class: Any = type("Route", (APIRoute,), {"behaviour": behaviour})
    route = route_class("/x/{value}" if "Path(" in repr(annotation) else "/x", endpoint, methods=["POST"])
    return compile_route(route.plan), as_asgi(request_handler(route.plan), route.plan)


def _check(annotation: Any, default: Any, behaviour: Behaviour, requests: list[Sent]) -> None:
    log = Log()
    handler, interpreter = _handlers(annotation, default, behaviour, log)

    async def compare() -> None:
        for sent in requests:
            fast = await exchange(handler, sent, behaviour, log)
            expected = await exchange(interpreter, sent, behaviour, log)
            assert fast == expected, sent

    anyio.run(compare)


def _encoded(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _text_requests(place: str, texts: list[str]) -> list[Sent]:
    """Return requests that send each text once, all of them, and none."""
    if place == "path":
        return [Sent((("value", text),)) for text in texts] + [Sent()]
    if place == "query":
        pairs = ["value=" + json.dumps(text)[1:-1].replace("&", "%26").replace("+", "%2B") for text in texts]
        return [Sent(query=pair.encode()) for pair in pairs] + [Sent(query="&".join(pairs).encode()), Sent()]
    if place == "header":
        lines = [(b"value", _encoded(text)) for text in texts]
        return [Sent(headers=(line,)) for line in lines] + [Sent(headers=tuple(lines)), Sent()]
    cookies = [b"value=" + _encoded(text) for text in texts]
    together = (b"cookie", b"; ".join(cookies))
    return [Sent(headers=((b"cookie", each),)) for each in cookies] + [Sent(headers=(together,)), Sent()]


@_BEHAVIOURS
@pytest.mark.parametrize("place", ["query", "header", "cookie", "path"])
@pytest.mark.parametrize("kind", SCALARS, ids=_ids(SCALARS))
def test_scalars_are_read_as_the_interpreter_reads_them(kind: Kind, place: str, behaviour: Behaviour) -> None:
    """Whatever text is sent for a scalar, value and errors are the interpreter's."""
    texts = [*kind.fitting, *TEXTS]
    defaults = (inspect.Parameter.empty, *kind.defaults) if place != "path" else (inspect.Parameter.empty,)
    for default in defaults:
        annotation = Annotated[kind.annotation, _MARKERS[place]()]
        _check(annotation, default, behaviour, _text_requests(place, texts))


@_BEHAVIOURS
@pytest.mark.parametrize("place", ["query", "header", "cookie"])
@pytest.mark.parametrize("kind", SEQUENCES, ids=_ids(SEQUENCES))
def test_sequences_are_read_as_the_interpreter_reads_them(
    kind: Kind, place: str, behaviour: Behaviour
) -> None:
    """Whatever texts are sent for a sequence, value and errors are the interpreter's."""
    texts = [*kind.fitting, *TEXTS]
    for default in (inspect.Parameter.empty, *kind.defaults):
        annotation = Annotated[kind.annotation, _MARKERS[place]()]
        _check(annotation, default, behaviour, _text_requests(place, texts))


@_BEHAVIOURS
@pytest.mark.parametrize("place", ["query", "header", "cookie"])
@pytest.mark.parametrize("kind", GROUPS, ids=_ids(GROUPS))
def test_parameter_models_are_read_as_the_interpreter_reads_them(
    kind: Kind, place: str, behaviour: Behaviour
) -> None:
    """Required and optional models of every strictness are read as the interpreter reads them."""
    names = ("one", "two", "many", "first", "second", "user_name", "user-name", "x-tag", "x_tag", "other")
    requests = [Sent()]
    for name in names:
        for text in ("1", "x", ""):
            if place == "query":
                requests += [
                    Sent(query=f"{name}={text}".encode()),
                    Sent(query=f"{name}={text}&one=1".encode()),
                ]
            elif place == "header":
                requests.append(Sent(headers=((name.encode(), text.encode()), (b"one", b"1"))))
            else:
                requests.append(Sent(headers=((b"cookie", f"{name}={text}; one=1".encode()),)))
    for annotation, default in (
        (kind.annotation, inspect.Parameter.empty),
        (kind.annotation | None, inspect.Parameter.empty),
        (kind.annotation | None, None),
    ):
        _check(Annotated[annotation, _MARKERS[place]()], default, behaviour, requests)


@_BEHAVIOURS
@pytest.mark.parametrize("embed", [None, True], ids=["whole", "embedded"])
@pytest.mark.parametrize("kind", [*BODIES, *MARKED_BODIES], ids=_ids((*BODIES, *MARKED_BODIES)))
def test_bodies_are_read_as_the_interpreter_reads_them(
    kind: Kind, embed: bool | None, behaviour: Behaviour
) -> None:
    """Whatever bytes are sent as a body, value and errors are the interpreter's."""
    values = [*kind.fitting, *JSON_VALUES]
    if embed:
        values = [*({"value": value} for value in values), *values, {"value": 1, "more": 2}]
    texts = [json.dumps(value).encode("utf-8", "surrogatepass") for value in values]
    json_type = ((b"content-type", b"application/json"),)
    plain = ((b"content-type", b"text/plain"),)
    long = LONG_INTEGERS if kind.annotation is not float else ()
    requests = [Sent(headers=json_type, chunks=(text,)) for text in (*texts, *HOSTILE_BODIES, *long, b"")]
    requests += [Sent(headers=kinds, chunks=(text,)) for text in (texts[0], b"") for kinds in (plain, ())]
    annotation = Annotated[kind.annotation, params.Body(embed=embed)]
    for default in (inspect.Parameter.empty, *kind.defaults):
        _check(annotation, default, behaviour, requests)
