"""Record the documents of all specimens, from FastAPI itself.

Run in an environment with FastAPI 0.165: RAPIDE_SURFACE_TARGET=fastapi python tests/openapi/record.py
"""

import json
import sys
import warnings
from pathlib import Path

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE))

from specimens.catalogue import documents_of, modules  # noqa: E402  # found through the line above

for module in modules():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recorded = {name: make().openapi() for name, make in documents_of(module).items()}
    lines = [
        f"{json.dumps(name)}: {json.dumps(recorded[name], sort_keys=True, ensure_ascii=False)}"
        for name in sorted(recorded)
    ]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (_HERE / "recorded" / f"{module}.json").write_text(text, encoding="utf-8")
