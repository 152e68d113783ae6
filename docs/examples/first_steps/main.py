from rapide import Rapide

app = Rapide(title="Library")


@app.get("/")
async def read_library() -> dict[str, str]:
    return {"library": "open"}
