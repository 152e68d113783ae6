"""Event streams and JSON Lines through real servers, read by a real client."""

import json
from collections.abc import Iterator

import httpx2
import pytest
from server_process import Process, eventually

pytestmark = pytest.mark.server


def _events(lines: Iterator[str]) -> Iterator[dict[str, str]]:
    """Read events as the standard says; a comment is an event of its own here."""
    event: dict[str, str] = {}
    for line in lines:
        if not line:
            if event:
                yield event
            event = {}
        elif line.startswith(":"):
            event["comment"] = line[1:].strip()
        else:
            name, _, value = line.partition(": ")
            event[name] = value


def _count(server: Process, note: str) -> int:
    return server.notes().count(note)


def test_events_arrive_with_their_fields(server):
    """Name, id, retry and data are those of the endpoint, and no proxy is to keep them back."""
    with server.client.stream("GET", "/events") as answer:
        found = list(_events(answer.iter_lines()))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "content-length" not in answer.headers
    assert found == [
        {"event": "count", "data": json.dumps({"number": number}), "id": str(number), "retry": "50"}
        for number in (1, 2, 3)
    ]


def test_client_that_comes_back_goes_on_where_it_was(server):
    """The header Last-Event-ID is a parameter like others, and is validated like others."""
    with server.client.stream("GET", "/events", headers={"last-event-id": "3"}) as answer:
        assert [event["id"] for event in _events(answer.iter_lines())] == ["4", "5", "6"]
    refused = server.client.get("/events", headers={"last-event-id": "x" * 5000})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def test_comments_keep_a_silent_stream_open(server):
    """While the generator waits, a comment is sent again and again."""
    with server.client.stream("GET", "/silent") as answer:
        events = _events(answer.iter_lines())
        assert [next(events) for _ in range(4)] == [{"data": '"first"'}, *[{"comment": "ping"}] * 3]


@pytest.mark.parametrize(("path", "note"), [("/silent", "silent ended"), ("/silent-thread", "thread ended")])
def test_generator_ends_when_the_client_leaves(server, path, note):
    """SSE-03, SSE-04: `finally` of either kind of generator runs, and dependencies are closed after it."""
    ended, closed = _count(server, note), _count(server, "session closed")
    with server.client.stream("GET", path) as answer:
        next(answer.iter_lines())
    assert eventually(lambda: _count(server, note) == ended + 1)
    assert eventually(lambda: _count(server, "session closed") == closed + 1)
    assert server.notes().index(note) < len(server.notes()) - server.notes()[::-1].index("session closed")


def test_json_lines_arrive_one_by_one_and_whole(server):
    """Each line is a value of its own, also when there are more than any buffer holds."""
    with server.client.stream("GET", "/lines", params={"count": 20_000}) as answer:
        titles = [json.loads(line)["title"] for line in answer.iter_lines()]
    assert titles == [f"Momo {number}" for number in range(20_000)]
    assert answer.headers["content-type"] == "application/jsonl"


def test_generator_of_lines_ends_when_the_client_leaves(server):
    """A client that has read enough ends the work for it."""
    ended = _count(server, "lines ended")
    with server.client.stream("GET", "/lines", params={"count": 10**9}) as answer:
        next(answer.iter_lines())
    assert eventually(lambda: _count(server, "lines ended") == ended + 1)


def test_stream_that_fails_does_not_look_complete(server):
    """SSE-06: after the first line there is no status to send any more, so the connection breaks off."""
    with pytest.raises(httpx2.TransportError):
        server.client.get("/broken-lines")
    assert eventually(lambda: server.log.count("the shelf fell down"))
    assert server.client.get("/lines").status_code == 200


def test_head_of_a_stream_runs_no_generator(server):
    """HEAD says what GET would say, and is done."""
    answer = server.client.head("/lines")
    assert (answer.status_code, answer.content) == (200, b"")
