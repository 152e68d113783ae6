"""Packages that inject, and class-based views."""

import time

import pytest
from websockets.sync.client import connect

PROGRAMS = {
    "dishka": "dishka",
    "wireup": "wireup",
    "svcs": "svcs",
    "fastapi-injectable": "injectable",
    "fastapi-injector": "injector",
    "modern-di-fastapi": "modern",
    "that-depends": "that",
}


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(f"injected_{program}", marks=pytest.mark.package(package, "injection"), id=package)
        for package, program in PROGRAMS.items()
    ],
)
def test_injection(environment, program):
    """Injected things beside parameters of the request; sessions closed after requests; a WebSocket."""
    with environment.serve(program) as running:
        assert running.get("/v1/greet/ada").json() == {"text": "hello ada", "session": 1}
        assert running.get("/v1/greet/ben?loud=true").json() == {"text": "hello BEN", "session": 2}
        assert running.get("/closed").json() == [1, 2]
        assert running.get("/v1/greet/ada?loud=perhaps").status_code == 422
        with connect(running.url.replace("http", "ws") + "/live", proxy=None) as socket:
            assert socket.recv() == "hello"
        operation = running.get("/openapi.json").json()["paths"]["/v1/greet/{name}"]["get"]
        assert [each["name"] for each in operation["parameters"]] == ["name", "loud"]


@pytest.mark.package("fastapi-utils", "injection")
def test_fastapi_utils(environment):
    """Class-based views with shared dependencies, models in camel case, a repeated task, timings."""
    with environment.serve("utilities") as program:
        assert program.get("/books/7").json() == {"bookTitle": "city 7", "pageCount": 7}
        assert program.get("/books/7?library=mine").json()["bookTitle"] == "mine 7"
        book = {"bookTitle": "Emma", "pageCount": 474}
        assert program.post("/books", json=book).json() == book
        assert program.post("/books", json={"bookTitle": "Emma"}).status_code == 422
        give_up = time.monotonic() + 20
        while (seen := program.get("/seen").json())["ticks"] < 3:
            assert time.monotonic() < give_up
        assert seen["timed"]
        parameters = program.get("/openapi.json").json()["paths"]["/books/{number}"]["get"]["parameters"]
        assert {each["name"] for each in parameters} == {"number", "library"}
