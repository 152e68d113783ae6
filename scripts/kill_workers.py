"""Orders at the example shop while its workers are killed: each is there once, whatever was cut off."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

_SHOP = Path(__file__).resolve().parent.parent / "examples" / "shop"
_SERVERS = {
    "uvicorn": ["-m", "rapide", "run", "-e", "shop.main:app", "--workers", "2", "--no-access-log"],
    "gunicorn": ["-m", "gunicorn", "shop.main:app", "-w", "2", "-k", "uvicorn_worker.UvicornWorker"],
}
_WORKERS = 2
_PIECES = 1_000_000  # of each product
_PATIENCE = 60  # seconds in which an order must be placed, however often it is cut off
_ORDERS_BETWEEN_KILLS = 5  # as a sign that requests have resumed


@dataclass
class Record:
    """What happened."""

    confirmed: list[uuid.UUID] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cut_off: int = 0  # requests without an answer
    repeated: int = 0  # orders that an earlier, unanswered request had placed
    kills: int = 0
    longest: float = 0.0  # seconds from the first attempt of a request to its answer


class Customer:
    """Places one order after the other, and asks again when no answer comes."""

    def __init__(self, http: httpx2.AsyncClient, record: Record) -> None:
        self._http = http
        self._record = record

    async def buy(self) -> None:
        """Fill a cart and order what is in it."""
        cart = (await self._insist("POST", "/carts", 201)).json()["id"]
        await self._insist("PUT", f"/carts/{cart}/items/1", 200, {"quantity": 1})
        address = {"street": "1 Main Street", "postal_code": "SW1Y 4JH", "city": "London", "country": "GB"}
        order = {"cart_id": cart, "customer_name": "Ada", "customer_email": "ada@example.com"}
        key = uuid.uuid4()
        answer = await self._insist("POST", "/orders", 201, {**order, "shipping_address": address}, key)
        self._record.confirmed.append(key)
        self._record.repeated += answer.headers["idempotent-replayed"] == "true"

    async def _insist(
        self, method: str, path: str, wanted: int, content: object = None, key: uuid.UUID | None = None
    ) -> httpx2.Response:
        """Send a request until it is answered."""
        headers = {} if key is None else {"idempotency-key": str(key)}
        began = time.monotonic()
        while True:
            try:
                answer = await self._http.request(method, path, json=content, headers=headers)
            except httpx2.TransportError:
                self._record.cut_off += 1
                if time.monotonic() - began > _PATIENCE:
                    raise
                await asyncio.sleep(0.05)
                continue
            self._record.longest = max(self._record.longest, time.monotonic() - began)
            if answer.status_code == wanted:
                return answer
            if answer.status_code != 503 or time.monotonic() - began > _PATIENCE:  # 503: the database is busy
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(0.05)


def _workers(supervisor: int) -> list[int]:
    """Return the processes that serve, of all that a supervisor has started."""
    text = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii")
    found = []
    for child in map(int, text.split()):
        with contextlib.suppress(FileNotFoundError):
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


async def _kill(record: Record, supervisor: int, kills: int, chance: random.Random) -> None:
    """Kill a worker at any moment of its work, each time that orders go through again."""
    while record.kills < kills:
        await _resumed(record)
        await asyncio.sleep(chance.random())
        workers = _workers(supervisor)
        if len(workers) == _WORKERS:
            os.kill(chance.choice(workers), signal.SIGKILL)
            record.kills += 1
    await _resumed(record)


async def _resumed(record: Record) -> None:
    wanted = len(record.confirmed) + _ORDERS_BETWEEN_KILLS
    deadline = time.monotonic() + _PATIENCE
    while len(record.confirmed) < wanted:
        if time.monotonic() > deadline:
            raise RuntimeError("orders do not go through any more")
        await asyncio.sleep(0.02)


async def _started(http: httpx2.AsyncClient) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx2.TransportError):
            await http.get("/products")
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("the server did not start")


async def _order(port: int, supervisor: int, kills: int, customers: int, seed: int) -> Record:
    record, over = Record(), asyncio.Event()
    base = f"http://127.0.0.1:{port}"
    async with httpx2.AsyncClient(base_url=base, timeout=30, trust_env=False) as http:

        async def shop() -> None:
            customer = Customer(http, record)
            while not over.is_set():
                try:
                    await customer.buy()
                except Exception as error:  # noqa: BLE001 -- whatever it is, it is a failure
                    record.failures.append(f"{type(error).__name__}: {error}"[:500])

        await _started(http)
        async with asyncio.TaskGroup() as group:
            for _ in range(customers):
                group.create_task(shop())
            try:
                await _kill(record, supervisor, kills, random.Random(seed))  # noqa: S311 -- no secret
            except RuntimeError as error:
                record.failures.append(str(error))
            over.set()
    return record


async def _prepare() -> None:
    """Make the database and fill the shelves, so that no two workers do it at the same time."""
    sys.path.insert(0, str(_SHOP))
    from shop.main import create_app  # noqa: PLC0415 -- its settings are read from the environment
    from shop.models import MovementKind  # noqa: PLC0415
    from shop.services.stock import move_stock  # noqa: PLC0415

    app = create_app()
    async with app.router.lifespan_context(app) as state, state["database"].transaction() as session:
        await move_stock(session, 1, MovementKind.RECEIVED, _PIECES)


#: What must find nothing in the database.
_CHECKS = {
    "a cart was ordered twice": "SELECT cart_id FROM orders GROUP BY cart_id HAVING count(*) > 1",
    "a key was used twice": "SELECT 1 FROM orders GROUP BY idempotency_key HAVING count(*) > 1",
    "an order has no line": "SELECT id FROM orders WHERE id NOT IN (SELECT order_id FROM order_lines)",
    "an order took no stock": "SELECT id FROM orders WHERE id NOT IN (SELECT order_id FROM stock_movements "
    "WHERE order_id IS NOT NULL)",
    "an order took stock twice": "SELECT order_id FROM stock_movements WHERE order_id IS NOT NULL "
    "GROUP BY order_id, product_id, kind HAVING count(*) > 1",
    "stock does not add up": "SELECT product_id FROM stock_levels AS level WHERE on_hand != "
    "(SELECT sum(change) FROM stock_movements WHERE product_id = level.product_id)",
}


def _verify(record: Record, database: Path) -> list[str]:
    """Return what is wrong with the database after all this."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = {uuid.UUID(key) for (key,) in connection.execute("SELECT idempotency_key FROM orders")}
        wrong = [f"a confirmed order is missing: {key}" for key in record.confirmed if key not in found]
        wrong += [what for what, query in _CHECKS.items() if connection.execute(query).fetchall()]
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            wrong.append("the database is damaged")
    return wrong


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(name: str, kills: int, customers: int, seed: int) -> bool:
    """Do all of it under one server, print what came out, and tell whether it is good."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.environ |= {
            "SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/shop.db",
            "SHOP_MAIL_FILE": f"{folder}/mail.mbox",
            "SHOP_TOKEN_SECRET": secrets.token_urlsafe(32),
            "SHOP_LOCK_TIMEOUT": "20",
        }
        with contextlib.redirect_stdout(None):  # the logins of the demo
            asyncio.run(_prepare())
        where = ["-b", f"127.0.0.1:{port}"] if name == "gunicorn" else ["--port", str(port)]
        with (folder / "log").open("wb") as log:
            command = [sys.executable, *_SERVERS[name], *where]
            server = subprocess.Popen(command, cwd=_SHOP, stdout=log, stderr=log)
        try:
            record = asyncio.run(_order(port, server.pid, kills, customers, seed))
        finally:
            server.terminate()
            status = server.wait(60)
        wrong = [*record.failures[:10], *_verify(record, folder / "shop.db")]
        print(
            f"{name}: {record.kills} workers killed, {record.cut_off} requests cut off, "
            f"{len(record.confirmed)} orders confirmed, {record.repeated} of them by a repeated request; "
            f"longest wait {record.longest:.1f} s; exit status {status}"
        )
        for each in wrong:
            print(f"  FAILED: {each}")
        if wrong:
            print((folder / "log").read_text(encoding="utf-8")[-4000:])
    return not wrong and record.kills == kills


def main() -> int:
    """Run under the servers that were asked for; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="how many, under each server")
    parser.add_argument("--customers", type=int, default=6)
    parser.add_argument("--server", choices=list(_SERVERS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    good = [run(name, options.kills, options.customers, options.seed) for name in options.server or _SERVERS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
