"""Processes that exchange or revoke refresh tokens, and are killed on the way or race each other.

    python refresh_process.py URL TABLE crash-exchange|crash-revoke|race TOKEN …

`crash-…`: a child for each token ends itself with SIGKILL at one event of the database: the first child at
the first event, and so on. Events are the beginning, before and after each statement, the commit, and after
the commit. `race`: two children exchange each token at once. Printed is, as JSON, the exit code of each child
and what it had to say: the next token, "revoked" or "refused".
"""

import asyncio
import json
import os
import signal
import sys
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from rapide.auth import InvalidGrantError, RefreshTokens, SQLStore


def kill_at(engine: Any, step: int) -> None:
    """End this process at the step-th event."""
    count = 0

    def happen(*_: Any, **__: Any) -> None:
        nonlocal count
        count += 1
        if count == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("begin", "before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine.sync_engine, name, happen)
    event.listen(engine.sync_engine.pool, "checkin", happen)  # after the commit


async def act(url: str, table: str, action: str, token: str, step: int) -> str:
    """Exchange or revoke, and return what to say."""
    engine = create_async_engine(url)
    refresh = RefreshTokens(SQLStore(engine, table_name=table))
    if step:
        kill_at(engine, step)
    try:
        if action == "crash-revoke":
            return "revoked" if await refresh.revoke(token) else "refused"
        return (await refresh.exchange(token, client_id="app"))[1]
    except InvalidGrantError:
        return "refused"
    finally:
        await engine.dispose()


def fork(url: str, table: str, action: str, token: str, step: int) -> tuple[int, int, int]:
    """Start a child that waits for its signal; return its id, and the pipes to start and to hear it."""
    start_out, start_in = os.pipe()
    answer_out, answer_in = os.pipe()
    pid = os.fork()
    if pid:
        os.close(start_out)
        os.close(answer_in)
        return pid, start_in, answer_out
    code = 1
    try:
        os.read(start_out, 1)
        os.write(answer_in, asyncio.run(act(url, table, action, token, step)).encode())
        code = 0
    finally:
        os._exit(code)


def finish(child: tuple[int, int, int]) -> tuple[int, str]:
    """Return the exit code of a child, and what it has said."""
    pid, _, answer = child
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), os.read(answer, 1000).decode()


def main(url: str, table: str, action: str, *tokens: str) -> None:
    """Start the children, one or two at a time, and print what became of them."""
    results = []
    for step, token in enumerate(tokens, 1):
        steps = [0, 0] if action == "race" else [step]
        children = [fork(url, table, action, token, each) for each in steps]
        for _, start, _ in children:
            os.write(start, b"!")
        results.append([finish(child) for child in children])
    print(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
