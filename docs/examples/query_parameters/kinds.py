from datetime import date

from rapide import Rapide

app = Rapide(title="Library")


@app.get("/loans")
async def list_loans(
    reader: str | None = None,
    overdue: bool = False,
    since: date = date(2026, 1, 1),
    tag: tuple[str, ...] = (),
) -> dict[str, object]:
    return {"reader": reader, "overdue": overdue, "since": since, "tag": tag}
