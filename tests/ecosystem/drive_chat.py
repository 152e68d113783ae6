"""Opens rooms and talks in them, rightly and wrongly."""

import json
import time

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect


def _exchange(socket, messages):
    yield ["protocol", socket.subprotocol]
    yield json.loads(socket.recv(5))
    for message in messages:
        if message is not None:
            socket.send(message)
        yield json.loads(socket.recv(5))
    socket.close(1000)


def talk(r, what, path, messages, **options):
    """Open a WebSocket, send each message that is one, read one for each, and note what came."""
    seen = []
    try:
        with connect(f"ws://127.0.0.1:{r.client.port}{path}", proxy=None, **options) as socket:
            seen.extend(_exchange(socket, messages))
    except ConnectionClosed as closed:
        seen.append(["closed", closed.rcvd and closed.rcvd.code, closed.rcvd and closed.rcvd.reason])
    except InvalidStatus as refused:
        names = sorted(name.lower() for name in refused.response.headers)
        body = (refused.response.body or b"").decode()
        seen.append(["refused", refused.response.status_code, body, names])
    r.note(what, seen)


def drive(r):
    """Drive the application, and note every answer."""
    ada = {"authorization": "Bearer token-ada"}
    ben = {"authorization": "Bearer token-ben"}
    eve = {"authorization": "Bearer token-eve"}
    for t in (
        "/",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/nowhere",
        "/rooms",
        "/rooms/",
        "/audit",
        "/v0/rooms",
    ):
        r.send("GET", t)
    for h in (
        ada,
        ben,
        eve,
        {"authorization": "Basic x"},
        {"authorization": "bearer token-ada"},
        {"authorization": "Bearer"},
        {"cookie": "session=token-ben"},
        {"cookie": "session=x"},
    ):
        r.send("GET", "/rooms", headers=h)
    for b in (
        {"name": "lunch"},
        {"name": "lunch"},
        {"name": "Lunch"},
        {"name": "work", "topic": "x" * 81},
        {"name": "work", "private": "yes", "topic": "T"},
        {"name": 1, "topic": [], "private": "maybe"},
        {},
        [],
        "x",
    ):
        r.send("POST", "/rooms", headers=ada, json=b)
    r.send("POST", "/rooms", headers=ben, json={"name": "bens"})
    r.send("POST", "/rooms", headers=eve, json={"name": "bens"})
    r.send("POST", "/rooms", json={})
    for t in (
        "",
        "?private=true",
        "?private=0",
        "?private=maybe",
        "/lunch",
        "/nowhere",
        "/LUNCH",
        "/x",
        "/lunch/history",
        "/lunch/history?limit=51",
        "/lunch/history?limit=0&after=x",
    ):
        r.send("GET", "/rooms" + t, headers=ada)
    r.send("GET", "/v0/rooms/lunch", headers=ada)
    r.send("GET", "/old-rooms/lunch")
    r.send("GET", "/old-rooms/lunch", follow_redirects=True, headers=ada)
    r.send("POST", "/rooms/lunch/history", headers=ada)
    r.send("POST", "/rooms/lunch/history?text=", headers=ada)
    for n in range(3):
        r.send("POST", "/rooms/lunch/history", headers=ada, params={"text": f"Hällo {n}"})
    r.send("GET", "/rooms/lunch/history?after=1", headers=ben)
    r.send("GET", "/rooms/lunch/presence", headers=ben)
    r.send("GET", "/rooms/lunch/presence", headers={**ben, "last-event-id": "6"})
    r.send("GET", "/rooms/lunch/presence", headers={**ben, "last-event-id": "x"})
    r.send("GET", "/rooms/no/presence", headers=ben)
    path = "/rooms/lunch/talk?token=token-ada"
    talk(
        r,
        "talk",
        path,
        [
            None,
            '{"kind":"say","text":"hello"}',
            '{"kind":"typing"}',
            '{"kind":"ping","n":5}',
            '{"kind":"say"}',
            '{"kind":"other"}',
            "no json",
            '{"kind":"ping","n":"x"}',
        ],
    )
    talk(
        r,
        "replay",
        path + "&replay=2",
        [None, None, None],
        additional_headers={"x-client": "tests"},
        subprotocols=["chat.v1", "other"],
    )
    talk(r, "replay protocol", path + "&replay=0", [None], subprotocols=["other"])
    talk(r, "negative", path, [None, '{"kind":"ping","n":-1}', None])
    talk(r, "no token", "/rooms/lunch/talk", [])
    talk(r, "bad token", "/rooms/lunch/talk?token=x", [])
    talk(r, "bad query", path + "&replay=99", [])
    talk(r, "bad name", "/rooms/LUNCH/talk?token=token-ada", [])
    talk(r, "nowhere", "/nowhere", [])
    talk(r, "http", "/rooms", [])
    talk(r, "all bad", "/rooms/X/talk?replay=x", [])
    talk(r, "v0", "/v0" + path, [None])
    r.send("GET", "/rooms/lunch/talk")
    with (
        connect(f"ws://127.0.0.1:{r.client.port}{path}", proxy=None) as a,
        connect(f"ws://127.0.0.1:{r.client.port}/rooms/lunch/talk?token=token-ben", proxy=None) as b,
    ):
        a.recv(5)
        a.recv(5)
        b.recv(5)
        assert json.loads(b.recv(5))["kind"] == "joined"
        assert json.loads(a.recv(5))["kind"] == "joined"
        b.send('{"kind":"say","text":"to all"}')
        r.note("both", [json.loads(a.recv(5)), json.loads(b.recv(5))])
        a.close(1001)
        b.close(3000)
    time.sleep(0.5)
    r.send("GET", "/audit", headers=ada)
    r.send("GET", "/rooms/lunch/presence", headers=ben)
    r.send("POST", "/login")
    r.send("POST", "/login", headers={"x-token": "token-ben"})
    r.send("GET", "/rooms")
    for m in ("PUT", "PATCH", "POST", "DELETE"):
        r.send(m, "/echo", content="höre")
    r.send("GET", "/broken")
    r.send("DELETE", "/rooms/lunch", headers=ben)
    r.send("DELETE", "/rooms/lunch", headers=ada)
    r.send("DELETE", "/rooms/lunch", headers=ada)
