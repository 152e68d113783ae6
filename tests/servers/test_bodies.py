"""Requests over real servers: bodies that come late, and what still runs when the next request comes."""

import http.client
import socket
import time

import pytest
from server_process import Process, eventually

pytestmark = pytest.mark.server

_BODY = b'{"title": "A book"}'


def _post(server: Process, *pieces: bytes, fields: str) -> bytes:
    head = f"POST /books HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{fields}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        for piece in (head, *pieces):
            client.sendall(piece)
            time.sleep(0.05)  # so that it comes by itself, as from a slow client
        answer = b""
        while part := client.recv(65_536):
            answer += part
    return answer


def test_body_that_comes_late_is_read(server: Process):
    """The endpoint waits for a body that is not there with the head, and for each piece of it."""
    fields = f"content-length: {len(_BODY)}\r\nconnection: close"
    for pieces in ((_BODY,), (_BODY[:5], _BODY[5:10], _BODY[10:])):
        answer = _post(server, *pieces, fields=fields)
        assert answer.startswith(b"HTTP/1.1 200"), (answer, server.log)
        assert answer.endswith(b'{"title":"A book"}')


def test_chunks_that_come_late_are_read(server: Process):
    """The same without a length."""
    pieces = [b"%x\r\n%b\r\n" % (len(part), part) for part in (_BODY[:5], _BODY[5:])]
    answer = _post(server, *pieces, b"0\r\n\r\n", fields="transfer-encoding: chunked\r\nconnection: close")
    assert answer.startswith(b"HTTP/1.1 200"), (answer, server.log)
    assert b'{"title":"A book"}' in answer


@pytest.mark.row("CON-10")
def test_background_task_does_not_hold_the_connection(server: Process):
    """The next request on the connection is served while the task of the one before still runs.

    It is what lets the task end: were it not served, neither would ever be.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    answers = []
    for path in ("/background", "/release"):
        connection.request("GET", path)
        answers.append(connection.getresponse().read())
    connection.close()
    assert answers == [b'"begun"', b'"released"']
    assert eventually(lambda: "background ended" in server.notes())
