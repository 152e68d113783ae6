from typing import Annotated

from rapide import Header, Rapide

app = Rapide()


def current_user(x_user: Annotated[str | None, Header()] = None):
    return x_user


@app.get("/orders", auth=current_user)
def orders() -> list[int]: ...
