"""Connections driven by hand, and an end that nobody carries from one test into the next."""

import sys
from pathlib import Path

_SURFACE = str(Path(__file__).parent.parent / "surface")
if _SURFACE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.append(_SURFACE)
