"""A blocked event loop is reported with what blocks it, once."""

import asyncio
import threading
from pathlib import Path

import pytest

from rapide.cli.options import ServeSettings, settings_of
from rapide.lifecycle import watchdog
from rapide.lifecycle.watchdog import watching

_THRESHOLD = 0.02


@pytest.fixture
def threshold(monkeypatch):
    """Watch closely in this test."""
    monkeypatch.setattr(watchdog._Settings, "threshold", _THRESHOLD)


def _block_until_reported(caplog) -> None:
    for _ in range(3000):
        if caplog.records:
            break
        threading.Event().wait(0.01)


def test_what_blocks_is_named_with_its_stack(threshold, caplog):
    """CON-04: file, line and function of the user's code, while it still blocks."""

    async def main() -> None:
        with watching():
            _block_until_reported(caplog)
            reported = len(caplog.records)
            threading.Event().wait(5 * _THRESHOLD)
            assert len(caplog.records) == reported == 1
            while len(caplog.records) < 2:  # noqa: ASYNC110 -- written by a thread
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(main(), 60))
    report, end = (record.getMessage() for record in caplog.records[:2])
    assert f" by {Path(__file__)}:" in report
    assert "in _block_until_reported" in report
    assert "in main" in report
    assert end.startswith("The event loop went on after ")


def test_loop_that_turns_is_not_reported(threshold, caplog):
    """Waiting is not blocking; and the thread ends with the block."""

    async def main() -> None:
        with watching():
            await asyncio.sleep(10 * _THRESHOLD)

    asyncio.run(main())
    assert [record for record in caplog.records if "blocked" in record.message] == []


def test_nothing_is_watched_unless_it_is_asked_for():
    """No thread, no callback."""

    async def main() -> set[threading.Thread]:
        before = set(threading.enumerate())
        with watching():
            return set(threading.enumerate()) - before

    assert asyncio.run(main()) == set()


def test_dev_reports_what_blocks():
    """It is on under `rapide dev`, and an option of `rapide run`."""
    setting = next(entry for entry in settings_of(ServeSettings) if entry.name == "report_blocking")
    assert setting.default_for("dev") == 200
    assert setting.default_for("run") is None
