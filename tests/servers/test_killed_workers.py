"""A worker that is killed takes nothing with it but the requests it was at."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

_SCRIPT = Path(__file__).parents[2] / "scripts" / "kill_workers.py"


@pytest.mark.parametrize("server", ["uvicorn", "gunicorn"])
def test_confirmed_orders_are_there_once_after_workers_were_killed(server):
    """LIF-08: requests resume, no order that was confirmed is missing, and none was placed twice."""
    command = [sys.executable, str(_SCRIPT), "--server", server, "--kills", "2", "--customers", "3"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{server}: 2 workers killed" in ended.stdout
