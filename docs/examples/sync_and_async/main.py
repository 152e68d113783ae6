import threading
import time
from typing import Annotated

from rapide import Depends, Rapide

app = Rapide(title="Library")


def read_catalogue() -> str:
    time.sleep(0.01)  # a driver that blocks
    return threading.current_thread().name


@app.get("/blocking")
def read_blocking(
    catalogue: Annotated[str, Depends(read_catalogue)],
) -> dict[str, bool]:
    return {"one_thread": catalogue == threading.current_thread().name}


@app.get("/waiting")
async def read_waiting() -> str:
    return "on the event loop"
