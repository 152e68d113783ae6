"""`rapide check --from-fastapi`: what changes when an application moves here from FastAPI.

In: Python files, which are read and never run. Out: findings, each with file, line, remedy and the place in
the guide. Must not know: the engine; of `rapide.fastapi` it asks only which names there are.
"""

from rapide.cli.moving.report import check_from_fastapi

__all__ = ["check_from_fastapi"]
