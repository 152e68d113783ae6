from rapide import Rapide

app = Rapide()


@app.get("/copy/{source:path}/to/{target:path}")
async def copy_file(source: str, target: str) -> None:
    return None
