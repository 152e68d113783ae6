"""JSN: JSON bodies."""

import json
from typing import Annotated, Any

import pytest
from catalogue_asking import ask
from catalogue_faces import JSON, Face

_MANY_KEYS = 200_000


def _refused(answer: Any) -> bool:
    """A clear answer: a 4xx whose body is JSON."""
    return 400 <= answer.status < 500 and answer.json is not None


@pytest.mark.row("JSN-01")
@pytest.mark.parametrize("body", [b'{"f":NaN}', b'{"f":Infinity}', b'{"f":-Infinity}', b'{"n":NaN}'])
def test_jsn_01_constants_that_json_does_not_know(face: Face, body: bytes):
    """NaN and Infinity are refused, also in a field that is no float."""
    answer = face.post("/number", body)
    if body != b'{"n":NaN}' and face.follows_fastapi(
        "reads NaN into a float, which its encoder then refuses: 500"
    ):
        assert answer.status == 500
        return
    assert _refused(answer)


@pytest.mark.row("JSN-02")
def test_jsn_02_number_beyond_all_floats(face: Face):
    """A number that no float can hold is refused, not made infinite."""
    answer = face.post("/number", b'{"f":1e400}')
    if face.follows_fastapi("reads 1e400 as infinity, which its encoder then refuses: 500"):
        assert answer.status == 500
        return
    assert _refused(answer)


@pytest.mark.row("JSN-03")
@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("POST", "/number", b'{"f":"inf"}'),
        ("POST", "/number", b'{"f":"nan"}'),
        ("GET", "/search?f=nan", b""),
        ("GET", "/search?f=-inf", b""),
        ("GET", "/floats/1e999", b""),
        ("GET", "/floats/nan", b""),
    ],
)
def test_jsn_03_infinity_in_words(face: Face, method: str, target: str, body: bytes):
    """A float is finite, wherever it comes from and however it is written."""
    answer = ask(face.small, method, target, body, content_type=JSON if body else None)
    if face.follows_fastapi("takes infinity in words, which its encoder then refuses: 500"):
        assert answer.status == 500
        return
    assert 400 <= answer.status < 500


@pytest.mark.row("JSN-03")
def test_jsn_03_field_that_opts_in(face: Face):
    """A field that says so takes infinity."""
    from pydantic import BaseModel, Field

    class Limit(BaseModel):
        f: Annotated[float, Field(allow_inf_nan=True)]

    app = face.app()

    @app.post("/limit")
    def take(limit: Limit):
        return repr(limit.f)

    @app.get("/limit")
    def read(f: Annotated[float, face.Query(allow_inf_nan=True)]):
        return repr(f)

    assert ask(app, "POST", "/limit", b'{"f":"inf"}', content_type=JSON).json == "inf"
    assert ask(app, "GET", "/limit?f=inf").json == "inf"


@pytest.mark.row("JSN-04")
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("target", ["/any", "/number", "/ints"])
def test_jsn_04_nesting_without_end(face: Face, opening: bytes, target: str):
    """A hundred thousand open brackets are a 4xx."""
    closing = b"]" if opening == b"[" else b"1" + b"}"
    assert _refused(face.post(target, opening * 100_000 + closing * 100_000))


@pytest.mark.row("JSN-05")
def test_jsn_05_nesting_has_a_documented_end(face: Face):
    """A value may be nested 64 deep and no deeper."""
    fits, deeper = b"[" * 64 + b"]" * 64, b"[" * 65 + b"]" * 65
    assert face.post("/any", fits).status == 200
    if face.follows_fastapi("reads what Python's recursion limit allows"):
        assert face.post("/any", deeper).status == 200
        return
    assert _refused(face.post("/any", deeper))
    assert _refused(face.post("/any", b'{"a":' * 65 + b"1" + b"}" * 65))
    assert face.post("/any", json.dumps("[" * 1000).encode()).status == 200


@pytest.mark.row("JSN-06")
@pytest.mark.parametrize("digits", [400, 4_000, 5_000])
@pytest.mark.parametrize("target", ["/any", "/number"])
def test_jsn_06_integers_without_end(face: Face, digits: int, target: str):
    """An integer of thousands of digits is refused before it costs anything."""
    body = b'{"n":' + b"9" * digits + b"}"
    answer = face.post(target, body)
    if digits < 4_300 and face.follows_fastapi("takes integers of up to 4,300 digits"):
        assert answer.status == 200
        return
    assert _refused(answer)


@pytest.mark.row("JSN-07")
def test_jsn_07_duplicate_keys_are_refused_by_a_switch(face: Face):
    """With `unique_json_keys` a key that comes twice in an object is a 422."""
    face.ours_only("names Rapide's own option")
    app = face.app(behaviour=_behaviour(face, unique_json_keys=True))

    @app.post("/any")
    def take(value: Annotated[Any, face.Body()]):
        return value

    @app.post("/number")
    def take_model(value: dict[str, Any]):
        return value

    for target in ("/any", "/number"):
        assert ask(app, "POST", target, b'{"role":"user","role":"admin"}', content_type=JSON).status == 422
        assert ask(app, "POST", target, b'{"a":{"b":1,"\\u0062":2}}', content_type=JSON).status == 422
        assert ask(app, "POST", target, b'{"a":{"b":1},"c":{"b":2}}', content_type=JSON).status == 200


def _behaviour(face: Face, **changes: Any) -> Any:
    from dataclasses import replace

    module = face.part("app") if face.is_native else face.part("applications")
    return replace((module.Rapide if face.is_native else module.FastAPI).default_behaviour, **changes)


@pytest.mark.row("JSN-08")
@pytest.mark.parametrize("target", ["/any", "/text"])
def test_jsn_08_bytes_that_are_not_utf_8(face: Face, target: str):
    """A raw byte that no UTF-8 has is a 4xx."""
    assert _refused(face.post(target, b'{"a":"\xff"}'))


@pytest.mark.row("JSN-09")
@pytest.mark.parametrize("body", [b'{"a":"\\ud800"}', b'{"\\udfff":"a"}', b'{"a":"\\ud800\\u0041"}'])
@pytest.mark.parametrize("target", ["/any", "/text"])
def test_jsn_09_half_a_surrogate_pair(face: Face, body: bytes, target: str):
    """Half a surrogate pair is no text and is refused, in values and in keys."""
    answer = face.post(target, body)
    if face.follows_fastapi("reads half a pair; an endpoint that sends it back answers 500"):
        assert answer.status in (200, 422, 500)
        return
    assert _refused(answer)


@pytest.mark.row("JSN-10")
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-16"])
def test_jsn_10_other_encodings(face: Face, encoding: str):
    """Only UTF-8 is JSON (RFC 8259, section 8.1)."""
    answer = face.post("/text", '{"a":"x"}'.encode(encoding))
    if face.follows_fastapi("guesses UTF-16 and UTF-32"):
        assert answer.status == 200
        return
    assert _refused(answer)


@pytest.mark.row("JSN-11")
def test_jsn_11_byte_order_mark(face: Face):
    """A byte order mark is no part of JSON: refused."""
    answer = face.post("/text", b'\xef\xbb\xbf{"a":"x"}')
    if face.follows_fastapi("skips the mark"):
        assert answer.status == 200
        return
    assert _refused(answer)


@pytest.mark.row("JSN-12")
@pytest.mark.parametrize("charset", ["utf-16", "latin-1", '"utf-7"'])
def test_jsn_12_charset_that_is_not_utf_8(face: Face, charset: str):
    """A body that says it is in another encoding is a 415, whatever its bytes look like."""
    answer = face.post("/text", b'{"a":"x"}', content_type=f"application/json; charset={charset}")
    if face.follows_fastapi("does not look at the charset"):
        assert answer.status == 200
        return
    assert answer.status == 415


@pytest.mark.row("JSN-12")
@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'application/json;charset="UTF-8"']
)
def test_jsn_12_charset_utf_8(face: Face, content_type: str):
    """UTF-8 may be said."""
    assert face.post("/text", b'{"a":"x"}', content_type=content_type).status == 200


@pytest.mark.row("JSN-13")
@pytest.mark.parametrize("body", [b"1 2", b"   ", b'{"a":', b'{"a":"x"} {', b"{'a':1}", b'{"a":1,}', b""])
def test_jsn_13_what_is_no_json_at_all(face: Face, body: bytes):
    """Broken, empty and doubled documents are 4xx that say where."""
    answer = face.post("/text", body)
    assert _refused(answer)
    if face.name != "litestar":
        assert b'"body"' in answer.body or answer.status == 400


@pytest.mark.row("JSN-14")
def test_jsn_14_nul_in_text(face: Face):
    """U+0000 is a character of JSON: it passes unless the field refuses it."""
    from pydantic import BaseModel

    class Name(BaseModel):
        a: face.part("types").TextWithoutNul if face.is_native else str

    assert face.post("/text", b'{"a":"\\u0000"}').json == {"a": "\0"}
    if face.is_native:
        app = face.app()

        @app.post("/name")
        def take(name: Name):
            return name

        assert ask(app, "POST", "/name", b'{"a":"x\\u0000"}', content_type=JSON).status == 422
        assert ask(app, "POST", "/name", b'{"a":"x"}', content_type=JSON).status == 200


@pytest.mark.row("JSN-15")
@pytest.mark.parametrize(
    "body", [b'{"name":"a","password":["hunter2"]}', b'{"name":["hunter2"],"password":1}']
)
def test_jsn_15_rejected_secrets_are_not_shown(face: Face, body: bytes):
    """An answer to a wrong value does not repeat it."""
    answer = face.post("/login", body)
    assert answer.status in (400, 422)
    if face.follows_fastapi("repeats what was submitted"):
        assert "hunter2" in answer.text
        return
    assert "hunter2" not in answer.text


@pytest.mark.row("JSN-16")
@pytest.mark.parametrize("target", ["/ints"])
def test_jsn_16_answers_do_not_grow_with_what_is_wrong(face: Face, target: str):
    """Twenty thousand mistakes are told by fifty of them, in less than 16 KB."""
    body = json.dumps(["a" * 20] * 20_000).encode()
    answer = face.post(target, body)
    assert answer.status in (400, 422)
    if face.follows_fastapi("lists every error"):
        assert len(answer.json["detail"]) == 20_000
        return
    assert len(answer.body) < 16_384
    if face.is_native:
        assert (len(answer.json["errors"]), answer.json["errors_omitted"]) == (50, 19_950)


@pytest.mark.row("JSN-17")
def test_jsn_17_unions_of_many_models(face: Face):
    """A union of ten models does not multiply the answer either."""
    if face.name == "litestar":
        face.part()
    answer = face.post("/choices", json.dumps([{"x": "a" * 50}] * 2_000).encode())
    assert answer.status == 422
    if face.follows_fastapi("lists every error of every member"):
        assert len(answer.json["detail"]) == 20_000
        return
    assert len(answer.body) < 16_384


@pytest.mark.row("JSN-18")
def test_jsn_18_strictness_of_types(face: Face):
    """Numbers in text are numbers by default; `strict_types` refuses everything of another type."""
    for value in (b'"1"', b"1.0", b"true"):
        assert face.post("/number", b'{"n":' + value + b"}").status == 200
    if face.name == "litestar":
        return
    from pydantic import BaseModel, ConfigDict

    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)
        n: int

    app = face.app()

    @app.post("/strict")
    def take(value: Strict):
        return value

    for value in (b'"1"', b"1.5", b"true"):
        assert ask(app, "POST", "/strict", b'{"n":' + value + b"}", content_type=JSON).status == 422
    assert ask(app, "POST", "/strict", b'{"n":1}', content_type=JSON).status == 200


@pytest.mark.row("JSN-19")
def test_jsn_19_bodies_are_limited_by_default(face: Face):
    """Two megabytes of brackets are a 413 that is given before the first byte is read."""
    body = b"[" + b"[]," * 700_000 + b"[]]"
    answer = face.post("/any", body)
    if face.follows_fastapi("has no limit unless `max_body_size` is set"):
        assert answer.status == 200
        return
    assert (answer.status, answer.received) == (413, 0)


@pytest.mark.row("JSN-20")
def test_jsn_20_nan_in_a_result(face: Face):
    """NaN never leaves as a bare word, with a declared type, without one, in lists, streams and events."""
    from collections.abc import AsyncIterable

    app = face.app()

    @app.get("/typed")
    def read_typed() -> dict[str, float]:
        return {"a": float("nan")}

    @app.get("/plain")
    def read_plain():
        return {"a": float("nan"), "b": [float("inf")], 1: {"c": float("-inf")}}

    @app.get("/lines")
    async def read_lines() -> AsyncIterable[dict[str, float]]:
        yield {"a": float("nan")}

    @app.get("/events", response_class=face.part("sse").EventSourceResponse)
    async def read_events() -> AsyncIterable[dict[str, float]]:
        yield {"a": float("nan")}

    assert ask(app, "GET", "/typed").json == {"a": None}
    assert ask(app, "GET", "/lines").json == {"a": None}
    assert b"NaN" not in ask(app, "GET", "/events").body
    answer = ask(app, "GET", "/plain")
    if face.follows_fastapi("an untyped NaN is the author's error: a 500"):
        assert answer.status == 500
        return
    assert answer.json == {"a": None, "b": [None], "1": {"c": None}}


@pytest.mark.row("JSN-21")
@pytest.mark.parametrize(
    "body", [b'{"n":NaN,"f":"x"}', b'{"n":[1e999]}', b'{"n":"\\ud800"}', b'{"n":{"a":-Infinity}}']
)
def test_jsn_21_errors_about_nan_are_json(face: Face, body: bytes):
    """The answer to a mistake is valid JSON, whatever stood beside the mistake."""
    assert _refused(face.post("/number", body))


@pytest.mark.row("JSN-22")
def test_jsn_22_many_keys(face: Face):
    """An object of very many keys is read in linear time, or is over the limit of the body."""
    body = b"{" + b",".join(b'"k%d":1' % number for number in range(_MANY_KEYS)) + b"}"
    assert face.post("/any", body).status in (200, 413)
    small = b"{" + b",".join(b'"k%d":1' % number for number in range(60_000)) + b"}"
    assert face.post("/any", small).status == 200


@pytest.mark.row("JSN-23")
def test_jsn_23_patterns_that_backtrack_are_noticed(face: Face):
    """A pattern for which Pydantic would use Python's backtracking engine is found by `rapide check`."""
    face.native_only("`rapide check` looks at the native face's promise")
    from pydantic import BaseModel, ConfigDict, Field

    class Slow(BaseModel):
        model_config = ConfigDict(regex_engine="python-re")
        a: Annotated[str, Field(pattern=r"^(?=a)(a+)+$")]

    app = face.app()

    @app.post("/slow")
    def take(value: Slow):
        return value

    assert any(problem.code == "RAP402" for problem in app.check())
    assert not any(problem.code == "RAP402" for problem in face.small.check())
