"""What may stand in `auth`: mistakes show where they are made, with a code."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest

from rapide import APIRouter, Depends, Rapide
from rapide._analyse.access import answers_of, refuse_stranger
from rapide._analyse.graph import Place, analyse_call
from rapide.behaviour import RAPIDE
from rapide.errors import AccessError
from rapide.security import APIKeyHeader, HTTPBasic, HTTPBearer

PLACE = Place((), frozenset(), RAPIDE)


def _unannotated(): ...


async def _endpoint() -> None: ...


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        ("admin", "RAP601"),
        (None, "RAP601"),
        (True, "RAP601"),
        (Depends(), "RAP601"),
        (_unannotated, "RAP603"),
    ],
)
@pytest.mark.parametrize("place", ["application", "router", "inclusion", "route", "websocket", "mount"])
def test_wrong_option_is_refused_where_it_is_written(auth: Any, code: str, place: str) -> None:
    """Whatever can decide nothing is an error at import, wherever the option stands."""
    app = Rapide()
    actions: dict[str, Any] = {
        "application": lambda: Rapide(auth=auth),
        "router": lambda: APIRouter(auth=auth),
        "inclusion": lambda: app.include_router(APIRouter(), auth=auth),
        "route": lambda: app.get("/", auth=auth)(_endpoint),
        "websocket": lambda: app.websocket("/", auth=auth)(_endpoint),
        "mount": lambda: app.mount("/", Rapide(), auth=auth),
    }
    with pytest.raises(AccessError) as error:
        actions[place]()
    assert error.value.code == code
    assert error.value.remedy in str(error.value)


def test_body_decides_nothing() -> None:
    """A policy that would have to read the body first is refused, also when a dependency of it does."""

    async def article(title: dict[str, str]) -> str: ...

    async def may(article: Annotated[str, Depends(article)]) -> bool: ...

    with pytest.raises(AccessError) as error:
        Rapide().post("/", auth=may)(_endpoint)
    assert error.value.code == "RAP602"


class Answering:
    async def __call__(self) -> bool | None: ...


async def _yields_text() -> AsyncIterator[str]:
    yield ""


def _answers(annotation: Any) -> Any:
    def function() -> Any: ...

    function.__annotations__["return"] = annotation
    return function


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_answers(None), (False, False)),
        (_answers(str), (False, False)),
        (_answers(bool), (False, True)),
        (_answers("bool"), (False, True)),
        (_answers(str | None), (True, False)),
        (_answers(Annotated[str | None, "note"]), (True, False)),
        (_answers(bool | None), (True, True)),
        (_answers(Any), (True, True)),
        (_answers(object), (True, True)),
        (_answers(AsyncIterator[bool]), (False, True)),
        (_answers(AsyncIterator), (True, True)),
        (Answering(), (True, True)),
        (Answering, (False, False)),
        (_yields_text, (False, False)),
    ],
)
def test_return_annotation_says_what_an_answer_means(function: Any, expected: tuple[bool, bool]) -> None:
    """None means nobody and False means may not, where the annotation allows for them."""
    assert answers_of(function) == expected


def test_refusal_names_the_schemes_that_could_have_helped() -> None:
    """A 401 has the challenges of all schemes of the graph, each once; without any, it is a 403."""

    async def both(
        basic: Annotated[Any, Depends(HTTPBasic(realm='a "b"', auto_error=False))],
        bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False))],
        again: Annotated[Any, Depends(HTTPBearer(auto_error=False, scheme_name="again"))],
        key: Annotated[Any, Depends(APIKeyHeader(name="x", auto_error=False))],
    ) -> None: ...

    refusal = refuse_stranger(analyse_call(both, PLACE))
    assert refusal.status_code == 401
    assert refusal.headers == {"WWW-Authenticate": 'Basic realm="a \\"b\\"", Bearer, APIKey'}
    assert refuse_stranger(analyse_call(_endpoint, PLACE)).status_code == 403
