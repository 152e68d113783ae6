"""Files of a frontend on the native face, and hostile requests for others."""

import os
import socket

import pytest

from rapide import APIRouter, Depends, HTTPException, Rapide, Response

PAGE = {"accept": "text/html"}


def seen(answer):
    """Return what an assertion compares first."""
    return answer.status, answer.body.decode()


# --- what must not be served


TRAVERSALS = [
    "/../secret.txt",
    "/../../../../../../../../etc/passwd",
    "/guide/../../secret.txt",
    "/guide/../guide/../../secret.txt",
    "/./../secret.txt",
    "//../secret.txt",
    "/..//secret.txt",
    "/..",
    "/../",
    "/../spa-private/key.txt",
    "-private/key.txt",
    "/../spa-private",
    "/..\\secret.txt",
    "\\..\\secret.txt",
    "/guide\\..\\..\\secret.txt",
    "//etc/passwd",
    "///etc/passwd",
    "/C:\\secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%252e%252e/secret.txt",
    "/..;/secret.txt",
    "/\u2025/secret.txt",
    "/\uff0e\uff0e/secret.txt",
    "/.\u200b./secret.txt",
]


@pytest.mark.parametrize("path", TRAVERSALS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nothing_outside_the_directory_is_served(ask, path, method):
    """Whatever climbs out, in any spelling, is missing: decoded once by the server, never again here."""
    answer = ask(path, method)
    assert answer.status == (404 if path.startswith("/") else 400)
    assert b"SECRET" not in answer.body


@pytest.mark.parametrize("path", TRAVERSALS[:4])
def test_path_that_climbs_out_gets_at_most_the_page(ask, path):
    """For a browser such a path is one that the single-page application may know."""
    assert seen(ask(path, **PAGE)) == (200, "INDEX")


def test_path_may_climb_inside_the_directory(ask):
    """Dots that stay inside lead to the file, as in any file system."""
    assert seen(ask("/guide/../app.js")) == (200, "script")


@pytest.mark.parametrize(
    "path",
    [
        "/app.js\0",
        "/\0",
        "/app.js\0.png",
        "/" + "a" * 300,
        "/" + "a/" * 30_000,
        "/" + "../" * 30_000,
        "/\ud800",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_impossible_name_is_missing_without_fallback(ask, path, method):
    """NUL, names and paths that are too long, characters without an encoding: no page, no server error."""
    answer = ask(path, method, **PAGE)
    assert (answer.status, answer.problem["title"]) == (
        (400, "Bad Request") if "\0" in path else (404, "Not Found")
    )


def test_link_out_of_the_directory_is_missing(ask, spa, outside):
    """Neither a linked file nor what lies below a linked directory is served."""
    (spa / "file").symlink_to(outside / "secret.txt")
    (spa / "folder").symlink_to(outside)
    (spa / "relative").symlink_to("../secret.txt")
    for path in ("/file", "/relative", "/folder/secret.txt", "/folder/", "/folder/spa/../secret.txt"):
        assert ask(path).status == 404
        assert seen(ask(path, **PAGE)) == (200, "INDEX")


def test_link_inside_the_directory_is_followed(ask, spa):
    """Builds may link their own files."""
    (spa / "latest.js").symlink_to("app.js")
    (spa / "manual").symlink_to("guide")
    assert seen(ask("/latest.js")) == (200, "script")
    assert seen(ask("/manual/")) == (200, "GUIDE")


def test_index_that_links_out_of_the_directory_is_missing(ask, spa, outside):
    """The index of a directory and the fallback are held to the same rule."""
    (spa / "index.html").unlink()
    (spa / "index.html").symlink_to(outside / "secret.txt")
    assert ask("/", **PAGE).status == 404
    assert ask("/page", **PAGE).status == 404


def test_links_in_a_circle_are_missing(ask, spa):
    """A circle is no server error."""
    (spa / "loop").symlink_to("loop")
    (spa / "one").symlink_to("two")
    (spa / "two").symlink_to("one")
    assert ask("/loop").status == 404
    assert ask("/one/app.js").status == 404


def test_only_regular_files_are_served(ask, spa, monkeypatch):
    """A pipe would block a thread for ever, a socket is no file: both are missing."""
    os.mkfifo(spa / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    monkeypatch.chdir(spa)  # the path of a socket must be short
    listener.bind("socket")
    listener.close()
    assert ask("/pipe").status == 404
    assert ask("/socket").status == 404


def test_file_that_may_not_be_read_is_401_before_the_response_begins(ask, monkeypatch):
    """The refusal is an answer, not a response that breaks off."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: "app.js" not in str(path) and real(path, mode))
    answer = ask("/app.js")
    assert (answer.status, answer.problem["status"]) == (401, 401)


def test_working_directory_does_not_decide_what_is_served(asking, spa, outside, monkeypatch):
    """A relative directory is that of the declaration, wherever the process goes later."""
    monkeypatch.chdir(outside)
    app = Rapide()
    app.frontend("/", directory="spa")
    monkeypatch.chdir("/")
    assert seen(asking(app)("/app.js")) == (200, "script")


# --- conditional requests and ranges


def test_head_tells_what_get_would_send(ask):
    """Same headers, no content, for files, indexes and fallbacks."""
    for path, status in (("/app.js", 200), ("/", 200), ("/missing", 200), ("/guide", 307)):
        got, head = ask(path, **PAGE), ask(path, "HEAD", **PAGE)
        assert (got.status, head.status) == (status, status)
        assert head.headers == got.headers
        assert head.body == b""


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("{etag}", 304),
        ("W/{etag}", 304),
        ('"other", {etag}', 304),
        ("*", 304),
        ('"other"', 200),
        ("", 200),
        ("garbage, ,,", 200),
    ],
)
def test_known_entity_tag_gets_304(ask, value, status):
    """If-None-Match (RFC 9110, section 13.1.2): no content when the client has it already."""
    first = ask("/app.js")
    answer = ask("/app.js", if_none_match=value.format(etag=first.headers["etag"]))
    assert answer.status == status
    assert answer.headers["etag"] == first.headers["etag"]
    assert answer.body == (b"" if status == 304 else b"script")


@pytest.mark.parametrize("value", ["yesterday", "", "Thu, 99 Foo 2020 99:99:99 GMT", "9" * 5000])
def test_date_that_is_none_is_ignored(ask, value):
    """If-Modified-Since with anything else gets the file."""
    assert seen(ask("/app.js", if_modified_since=value)) == (200, "script")


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        ("bytes=0-1", 206, "sc"),
        ("bytes=-2", 206, "pt"),
        ("bytes=4-", 206, "pt"),
        ("bytes=0-99999999999999999999", 206, "script"),
        ("bytes=0-0,0-0,0-0", 206, "s"),
        ("bytes=6-", 416, ""),
        ("bytes=99999999999999999999-", 416, ""),
        ("bytes=3-1", 400, None),
        ("bytes=", 400, None),
        ("bytes=a-b", 400, None),
        ("lines=0-1", 400, None),
        ("bytes=" + ",".join(["0-5"] * 101), 200, "script"),
        ("bytes=" + "9" * 5000 + "-", 400, None),
    ],
)
def test_range_gets_a_part_or_a_refusal(ask, value, status, body):
    """Range (RFC 9110, section 14.2): never a server error, and no more work than the file is worth."""
    answer = ask("/app.js", range=value)
    assert answer.status == status
    if body is not None:
        assert answer.body.decode() == body


def test_ranges_of_an_empty_file_are_refused_or_ignored(ask):
    """There is no first byte to ask for."""
    assert ask("/empty.css").headers["content-length"] == "0"
    assert ask("/empty.css", range="bytes=0-0").status == 416


def test_missing_page_has_status_404_whatever_is_asked(ask, spa):
    """404.html is no representation of the path: neither 206 nor 304."""
    (spa / "404.html").write_text("MISSING")
    first = ask("/missing")
    assert seen(first) == (404, "MISSING")
    assert seen(ask("/missing", range="bytes=0-1")) == (404, "MISSING")
    assert seen(ask("/missing", if_none_match=first.headers["etag"])) == (404, "MISSING")


def test_file_that_changes_gets_another_entity_tag(ask, spa):
    """A new build is seen at once."""
    before = ask("/app.js").headers["etag"]
    (spa / "app.js").write_text("another script")
    assert seen(ask("/app.js", if_none_match=before)) == (200, "another script")


# --- fallbacks and caches


def test_answers_that_depend_on_accept_say_so(ask):
    """A cache must not give the page to a script, nor the 404 to a browser (RFC 9110, section 12.5.5)."""
    assert ask("/page", **PAGE).headers["vary"] == "Accept"
    missing = ask("/page")
    assert (missing.status, missing.headers["vary"]) == (404, "Accept")
    assert "vary" not in ask("/app.js").headers


def test_missing_file_is_a_problem_document(ask):
    """RFC 9457, as every other error of the native face."""
    answer = ask("/missing.js")
    assert (answer.status, answer.problem["title"]) == (404, "Not Found")


@pytest.mark.parametrize(
    "accept",
    ["text/html" * 10_000, "," * 60_000, ";" * 60_000, "text/html;" + "q=0;" * 10_000, 'a/b;x="text/html"'],
)
def test_hostile_accept_is_only_text(ask, accept):
    """Whatever the header holds, the answer is the page or 404."""
    assert ask("/missing", accept=accept).status == 404


def test_several_accept_headers_count_as_one(ask):
    """A list may come in several lines (RFC 9110, section 5.3)."""
    assert ask("/missing", accept="*/*", Accept="text/html").status == 200


# --- methods


def test_options_names_the_methods(ask):
    """OPTIONS is answered for what exists."""
    answer = ask("/app.js", "OPTIONS")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert ask("/missing", "OPTIONS").status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_name_those_allowed(ask, method):
    """405 comes with Allow (RFC 9110, section 15.5.6)."""
    answer = ask("/app.js", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert ask("/missing", method, **PAGE).status == 404


# --- redirects


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/guide", "/guide/"),
        ("//guide", "/guide/"),
        ("/\\guide/../guide", "/guide/../guide/"),
        ("/a b%?", "/a%20b%25%3F/"),
        ("/guide/../guide", "/guide/../guide/"),
    ],
)
def test_redirect_to_the_slash_form_is_a_path(ask, path, location):
    """The Host header cannot bend it, it names no other host, and it leads to the directory."""
    answer = ask(path, host="evil.example")
    assert (answer.status, answer.headers["location"]) == (307, location)


def test_redirect_keeps_query_and_root_path(ask):
    """What a proxy removed is there again; the query comes back byte by byte."""
    answer = ask("/proxy/guide", root_path="/proxy", query=b"a=1&b=%2F%0d%0a\xff")
    assert answer.headers["location"] == "/proxy/guide/?a=1&b=%2F%0d%0a%FF"


def test_directory_with_odd_characters_is_served(ask):
    """Names are taken as they are, decoded once."""
    assert seen(ask("/a b%?/")) == (200, "ODD")
    assert seen(ask("/a b%?#.txt")) == (200, "odd")


# --- places


def test_prefix_may_have_parameters(asking, spa):
    """A frontend of every tenant: the prefix's parameters are the dependencies' own."""
    seen_tenants = []

    def tenant_of(tenant: int):
        seen_tenants.append(tenant)

    router = APIRouter(prefix="/{tenant:int}", dependencies=[Depends(tenant_of)])
    router.frontend("/ui", directory=spa)
    app = Rapide()
    app.include_router(router, prefix="/t")
    ask = asking(app)
    assert seen(ask("/t/7/ui/app.js")) == (200, "script")
    assert ask("/t/7/ui").headers["location"] == "/t/7/ui/"
    assert ask("/t/x/ui/app.js").status == 404
    assert seen_tenants == [7, 7]


def test_frontend_declared_after_inclusion_appears(asking, spa):
    """Included routers stay live, for frontends too; the handler that was made before is not in the way."""
    router, app = APIRouter(), Rapide()
    app.include_router(router, prefix="/ui")
    ask = asking(app)
    assert ask("/ui/app.js").status == 404
    router.frontend("/", directory=spa)
    assert seen(ask("/ui/app.js")) == (200, "script")


def test_response_set_by_a_dependency_reaches_the_file_once(asking, spa):
    """Headers are added, the status is the file's own."""

    def mark(response: Response):
        response.headers["x-mark"] = "1"
        response.status_code = 418

    app = Rapide(dependencies=[Depends(mark)])
    app.frontend("/", directory=spa)
    answer = asking(app)("/app.js")
    assert (answer.status, answer.headers["x-mark"]) == (200, "1")


def test_dependencies_of_frontends_can_be_overridden_for_a_block(asking, spa):
    """`app.override` knows the dependencies that only a frontend has."""

    def guard():
        raise HTTPException(403)

    app = Rapide(dependencies=[Depends(guard)], docs_url=None, redoc_url=None, openapi_url=None)
    app.frontend("/", directory=spa)
    ask = asking(app)
    assert ask("/app.js").status == 403
    with app.override({guard: lambda: None}):
        assert ask("/app.js").status == 200


def test_clean_up_waits_for_the_last_byte(asking, spa):
    """A resource of a dependency is open while the file is sent, and closed after it."""
    log = []

    def resource():
        log.append("open")
        yield
        log.append("closed")

    app = Rapide(dependencies=[Depends(resource)])
    app.frontend("/", directory=spa)
    assert asking(app)("/app.js").status == 200
    assert log == ["open", "closed"]
