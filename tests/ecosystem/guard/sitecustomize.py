"""Run by Python at the start of every program: one that reads the real FastAPI, which is installed, ends.

Only reading its code is watched. Its metadata may be read: packages look up its version.
"""

import os
import sys

_REAL = f"{os.sep}site-packages{os.sep}fastapi{os.sep}"


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str) and _REAL in arguments[0]:
        raise RuntimeError(f"the real FastAPI was read: {arguments[0]}")


sys.addaudithook(_watch)
