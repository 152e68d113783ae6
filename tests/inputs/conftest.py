"""Makes the raw forms of the surface suite importable."""

import sys
from pathlib import Path

_SURFACE = str(Path(__file__).parent.parent / "surface")
if _SURFACE not in sys.path:
    sys.path.append(_SURFACE)
