"""Makes the specimens importable under every import mode."""

import sys
from pathlib import Path

_HERE = str(Path(__file__).parent)
if _HERE not in sys.path:  # importlib mode puts no test folder on the path
    sys.path.insert(0, _HERE)
