"""Background tasks: each a piece of work of its own, or a row that ends where one fails."""

import logging
from typing import Any

import anyio
import pytest

from rapide import BackgroundTasks
from rapide.background import ChainedBackgroundTasks
from rapide.fastapi import BackgroundTasks as FastAPIBackgroundTasks


def _fail() -> None:
    raise ValueError("no paper")


async def _fail_on_the_loop() -> None:
    _fail()


@pytest.mark.parametrize("failing", [_fail, _fail_on_the_loop])
def test_task_that_fails_is_logged_and_the_others_run(failing: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The record names the task, and its traceback begins with the task's own code."""
    ran: list[int] = []
    tasks = BackgroundTasks()
    tasks.add_task(ran.append, 1)
    tasks.add_task(failing)
    tasks.add_task(ran.append, 2)
    anyio.run(tasks)
    assert ran == [1, 2]
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("rapide", logging.ERROR)
    assert record.getMessage() == f"The background task {failing.__qualname__} failed"
    assert record.exc_info is not None
    _, error, traceback = record.exc_info
    assert str(error) == "no paper"
    assert traceback is not None
    assert traceback.tb_frame.f_code is failing.__code__


def test_task_that_is_cancelled_ends_the_row() -> None:
    """Only failures are caught: whoever stops the server stops the tasks."""
    ran: list[int] = []
    tasks = BackgroundTasks()
    tasks.add_task(anyio.sleep_forever)
    tasks.add_task(ran.append, 1)

    async def stop_early() -> None:
        with anyio.move_on_after(0):
            await tasks()

    anyio.run(stop_early)
    assert ran == []


def test_row_ends_with_a_task_that_fails_on_the_other_face() -> None:
    """FastAPI raises what it raised, and leaves the rest."""
    assert FastAPIBackgroundTasks is ChainedBackgroundTasks
    ran: list[int] = []
    tasks = FastAPIBackgroundTasks()
    tasks.add_task(_fail)
    tasks.add_task(ran.append, 1)
    with pytest.raises(ValueError, match="no paper"):
        anyio.run(tasks)
    assert ran == []
