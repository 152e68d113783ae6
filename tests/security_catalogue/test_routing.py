"""RTE: paths, methods, queries."""

import re
from typing import Annotated, Any

import pytest
from catalogue_asking import ask
from catalogue_faces import Face


@pytest.mark.row("RTE-01")
@pytest.mark.parametrize("target", ["/admin%0A", "/people/x%0A", "/admin%0D", "/convertor/1%0A"])
def test_rte_01_line_breaks_at_the_end(face: Face, target: str):
    """A line break at the end of a path makes it another path (CVE-2021-44420)."""
    answer = face.get(target)
    if target.startswith("/people"):  # a name may have one
        assert answer.status in (200, 404)
        return
    assert answer.status in (400, 404, 422)


@pytest.mark.row("RTE-02")
@pytest.mark.parametrize(
    "target", ["/convertor/" + "9" * 5_000, "/numbers/" + "9" * 5_000, "/numbers/" + "9" * 400]
)
def test_rte_02_endless_integers(face: Face, target: str):
    """An integer of thousands of digits is not found or not valid."""
    answer = face.get(target)
    if len(target) < 1_000 and face.follows_fastapi("takes integers of up to 4,300 digits"):
        assert answer.status == 200
        return
    assert answer.status in (400, 404, 422)


@pytest.mark.row("RTE-03")
@pytest.mark.parametrize("text", ["1_0", "+1", "%201", "1%20", "%D9%A1", "1.0"])
@pytest.mark.parametrize("place", ["/numbers/{}", "/search?x={}"])
def test_rte_03_integers_have_ascii_digits(face: Face, text: str, place: str):
    """An integer is digits behind an optional minus: nothing that Python alone takes for one."""
    answer = face.get(place.format(text if text != "+1" else "%2B1"))
    if face.follows_fastapi("takes what Pydantic takes"):
        assert answer.status == (422 if text == "%D9%A1" else 200)
        return
    assert answer.status in (400, 404, 422)


@pytest.mark.row("RTE-03")
def test_rte_03_integers_are_still_taken(face: Face):
    """Plain integers are taken."""
    for text, value in (("0", 0), ("-7", -7), ("007", 7), ("42", 42)):
        assert face.get(f"/search?x={text}").json["x"] == value


@pytest.mark.row("RTE-04")
def test_rte_04_encoded_slash_is_no_border(face: Face):
    """An encoded slash separates nothing: what was sent as one segment is not routed as two."""
    app = face.app()

    @app.get("/files/{folder}/{name}")
    def read(folder: str, name: str):
        return {"folder": folder, "name": name}

    assert face.get("/people/a%2Fb").status == 404
    answer = ask(app, "GET", "/files/a%2Fb")
    if face.follows_fastapi("routes by the decoded path"):
        assert answer.json == {"folder": "a", "name": "b"}
        return
    assert answer.status == 404
    assert ask(app, "GET", "/files/a%252Fb/c").json == {"folder": "a%2Fb", "name": "c"}


@pytest.mark.row("RTE-05")
def test_rte_05_encoded_slash_at_the_end(face: Face):
    """`/admin%2F` is not `/admin`."""
    answer = face.get("/admin%2F")
    if face.follows_fastapi("redirects to the path without the slash"):
        assert answer.status == 307
        return
    assert answer.status == 404


@pytest.mark.row("RTE-06")
@pytest.mark.parametrize(
    "target",
    ["//admin", "/./admin", "/x/../admin", "/%2e%2e/admin", "/admin;x=1", "/admin/.", "/admin%00", "/ADMIN"],
)
def test_rte_06_paths_that_look_alike(face: Face, target: str):
    """What is not literally the path of a route is not that route: nothing is put right behind the guards."""
    assert face.get(target).status in (400, 404)


@pytest.mark.row("RTE-06", "RTE-07")
def test_rte_07_everybody_sees_one_path(face: Face):
    """Middleware, dependency and endpoint see the same path, which nothing but the request line decides."""
    app = face.app()
    seen: list[str] = []

    @app.middleware("http")
    async def look(request, call_next):
        seen.append(request.url.path)
        return await call_next(request)

    def guard(request: face.Request) -> None:
        seen.append(request.url.path)

    @app.get("/{name}", dependencies=[face.Depends(guard)])
    def read(name: str, request: face.Request):
        seen.append(request.url.path)

    ask(app, "GET", "/%61dmin", host=b"testserver")
    assert seen == ["/admin"] * 3
    answer = ask(app, "GET", "/admin", host=b"x/?")
    if face.is_native:
        assert answer.status == 400
    assert set(seen) == {"/admin"}


@pytest.mark.row("RTE-08")
@pytest.mark.parametrize("target", ["/people/%ff", "/people/a%00b", "/people/%c0%af"])
def test_rte_08_paths_that_are_no_text(face: Face, target: str):
    """A path that is not UTF-8, or has a NUL, is a 400: two addresses would be one value."""
    answer = face.get(target)
    if face.follows_fastapi("takes what the server has decoded"):
        assert answer.status == 200
        return
    assert answer.status in (400, 404)


@pytest.mark.row("RTE-08")
def test_rte_08_replacement_character_itself(face: Face):
    """U+FFFD may be sent as itself, like all of Unicode."""
    assert face.get("/people/%EF%BF%BD").json == {"name": "\ufffd"}
    assert face.get("/people/%F0%9F%90%8D").json == {"name": "\U0001f40d"}


@pytest.mark.row("RTE-09")
@pytest.mark.parametrize("method", ["TRACE", "_DO_X", "X" * 1_000, "get", "CONNECT", "__init__", "G\u00cbT"])
def test_rte_09_methods_that_are_none(face: Face, method: str):
    """A method that no route declares is a 405: no name is looked up by it (CVE-2026-48817)."""
    assert ask(face.small, method, "/admin").status in (400, 405, 501)


@pytest.mark.row("RTE-10")
def test_rte_10_head(face: Face):
    """HEAD is answered wherever GET is: the same headers, no body."""
    answer, full = ask(face.small, "HEAD", "/admin"), face.get("/admin")
    if face.follows_fastapi("answers 405 to HEAD"):
        assert answer.status == 405
        return
    assert (answer.status, answer.body, sorted(answer.headers)) == (200, b"", sorted(full.headers))


@pytest.mark.row("RTE-11")
def test_rte_11_allow_names_all_methods(face: Face):
    """A 405 names the methods of all routes of the path (RFC 9110, section 15.5.6)."""
    app = face.app()
    app.get("/items")(lambda: 1)
    app.post("/items")(lambda: 1)
    answer = ask(app, "DELETE", "/items")
    if face.follows_fastapi("names those of the first route"):
        assert (answer.status, answer.header("allow")) == (405, "GET")
        return
    assert (answer.status, answer.header("allow")) == (405, "GET, HEAD, OPTIONS, POST")


@pytest.mark.row("RTE-12")
def test_rte_12_options(face: Face):
    """OPTIONS is answered with the methods of the path."""
    answer = ask(face.small, "OPTIONS", "/admin")
    if face.follows_fastapi("answers 405 to OPTIONS"):
        assert answer.status == 405
        return
    assert (answer.status, answer.body) == (204, b"")
    assert set(str(answer.header("allow")).replace(" ", "").split(",")) >= {"GET", "OPTIONS"}


@pytest.mark.row("RTE-13")
def test_rte_13_long_paths_against_many_routes(face: Face):
    """A path of four thousand segments against a thousand routes is a 404: each segment is looked at once."""
    app = face.app()
    for number in range(1_000):
        app.get(f"/{{a}}/{{b}}/x{number}/{{c}}")(lambda: 1)
    for target in ("/" + "a/" * 4_000, "/a/b/" + "x" * 8_000 + "/c", "/a/b/c/" * 1_000):
        assert ask(app, "GET", target).status == 404
    assert ask(app, "GET", "/a/b/x999/c").status == 200


@pytest.mark.row("RTE-15")
@pytest.mark.parametrize("target", ["/slash", "/slash?next=//evil.com"])
def test_rte_15_redirects_do_not_follow_host(face: Face, target: str):
    """The care for a slash at the end never sends anybody to where Host says."""
    answer = face.get(target, host=b"evil.com")
    if face.follows_fastapi("redirects to an absolute URL made of Host"):
        assert answer.header("location") == target.replace("/slash", "http://evil.com/slash/")
        return
    assert "evil.com/" not in str(answer.header("location") if answer.started else "")


@pytest.mark.row("RTE-16")
@pytest.mark.parametrize("target", ["//evil.com/x", "/\\evil.com/x", "/%5Cevil.com/x", "//evil.com/%2e%2e"])
def test_rte_16_redirects_stay_here(face: Face, target: str):
    """A slash redirect never begins like the address of another host."""
    app = face.app() if face.is_native is False else face.app(behaviour=_redirecting(face))

    @app.get("/{one}/{two}/{three}/")
    def read():
        return 1

    @app.get("/{one}/{two}/")
    def read_two():
        return 1

    answer = ask(app, "GET", target)
    location = str(answer.header("location") or "/x")
    if face.follows_fastapi("redirects within the host that was asked"):
        assert location.startswith(("http://testserver/", "/"))
        return
    assert answer.status in (307, 404)
    assert not location.startswith(("//", "/\\"))


def _redirecting(face: Face):
    from dataclasses import replace

    return replace(face.part("behaviour").RAPIDE, slashes="redirect")


@pytest.mark.row("RTE-17")
def test_rte_17_routes_that_hide_each_other(face: Face):
    """`check` finds a route that nobody can reach."""
    face.ours_only("names Rapide's own check")
    app = face.app()
    app.get("/a/{x}")(lambda x: 1)
    app.get("/a/{y}", name="second")(lambda y: 1)
    assert [problem.code for problem in app.check()] == ["RAP401"]


@pytest.mark.row("RTE-18")
@pytest.mark.parametrize("query", ["x=1&x=2", "x=1&%78=2", "api_key=a&x=1&api_key=b"])
def test_rte_18_scalar_sent_twice(face: Face, query: str):
    """A query parameter of one value that is sent twice is an error: others may have read the other."""
    answer = face.get(f"/search?{query}")
    if face.follows_fastapi("the last one wins"):
        assert answer.status == 200
        return
    assert answer.status in (400, 422)


@pytest.mark.row("RTE-18")
def test_rte_18_lists_and_strangers_may_come_twice(face: Face):
    """A list takes all values, what nobody declared hurts nobody; a model is like its fields."""
    from pydantic import BaseModel

    class Filter(BaseModel):
        x: int = 0
        xs: list[int] = []

    app = face.app()

    @app.get("/filter")
    def read(filter_: Annotated[Filter, face.Query()]):
        return filter_

    assert face.get("/search?xs=1&xs=2&z=1&z=2&x=3").json["xs"] == [1, 2]
    assert ask(app, "GET", "/filter?xs=1&xs=2&x=3").json == {"x": 3, "xs": [1, 2]}
    if face.follows_fastapi("the last one wins"):
        assert ask(app, "GET", "/filter?x=1&x=2").json["x"] == 2
        return
    assert ask(app, "GET", "/filter?x=1&x=2").status == 422


@pytest.mark.row("RTE-19")
def test_rte_19_two_credentials(face: Face):
    """Two Authorization headers are refused: who checks one may not be who uses the other."""
    answer = face.get("/credentials", headers=[(b"authorization", b"a"), (b"authorization", b"b")])
    if face.follows_fastapi("takes the first"):
        assert answer.json == {"authorization": "a"}
        return
    assert answer.status in (400, 401)


@pytest.mark.row("RTE-14")
@pytest.mark.parametrize(
    ("path", "slow"),
    [
        ("/{a:path}/x/{b:path}", True),
        ("/{name:catalogue_slow}", True),
        ("/{name:catalogue_quick}", False),
        ("/{a}/{b}/{c:path}", False),
        ("/{a:int}-{b:float}", False),
    ],
)
def test_rte_14_paths_that_backtrack_are_noticed(face: Face, path: str, slow: bool, monkeypatch: Any):
    """A path whose expression Python would try in very many ways is found by `check`."""
    face.ours_only("has no check")
    from starlette.convertors import CONVERTOR_TYPES, StringConvertor

    class Slow(StringConvertor):
        regex = "([a-z]+-?)+"

    class Quick(StringConvertor):
        regex = "[a-z]+(-[a-z]{1,9}){0,9}"

    monkeypatch.setitem(CONVERTOR_TYPES, "catalogue_slow", Slow())
    monkeypatch.setitem(CONVERTOR_TYPES, "catalogue_quick", Quick())
    app = face.app()
    app.get(path)(lambda: None)
    assert any(problem.code == "RAP404" for problem in app.check()) is slow


@pytest.mark.row("RTE-14", "JSN-23")
@pytest.mark.parametrize(
    ("pattern", "slow"),
    [("(a+)+$", True), ("(?:(a|b)*c?)*", True), ("^[a-z]+(-[a-z]+){0,9}$", False), ("(?:ab){1,9}", False)],
)
def test_rte_14_patterns_of_parameters_are_noticed(face: Face, pattern: str, slow: bool):
    """A compiled pattern is Python's, and is found when it backtracks, wherever the value comes from."""
    face.ours_only("has no check")
    from pydantic import Field

    app = face.app()

    @app.get("/")
    def read(name: Annotated[str, Field(pattern=re.compile(pattern))]):
        return name

    assert any(problem.code == "RAP402" for problem in app.check()) is slow
