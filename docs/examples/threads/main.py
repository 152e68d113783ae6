from contextvars import ContextVar
from typing import Annotated

from rapide import Depends, Header, Rapide

app = Rapide(title="Library")

branch: ContextVar[str] = ContextVar("branch", default="nobody's")


def set_branch(x_branch: Annotated[str, Header()]) -> None:  # on a thread
    branch.set(x_branch)


@app.get("/branch", dependencies=[Depends(set_branch)])
async def read_branch() -> str:  # on the event loop
    return branch.get()
