"""Makes the raw forms, hand-driven connections and servers of other folders importable."""

import sys
from pathlib import Path

for _folder in ("surface", "browser"):
    _path = str(Path(__file__).parent.parent / _folder)
    if _path not in sys.path:
        sys.path.append(_path)
