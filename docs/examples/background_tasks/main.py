from pathlib import Path

from rapide import BackgroundTasks, Rapide

app = Rapide(title="Library")

outbox = Path("outbox.txt")


def send_mail(to: str, text: str) -> None:
    with outbox.open("a") as file:
        file.write(f"{to}: {text}\n")


@app.post("/loans/{number}", status_code=202)
async def lend_book(
    number: int, reader: str, background: BackgroundTasks
) -> dict[str, int]:
    background.add_task(
        send_mail, reader, text=f"Please bring back book {number} in four weeks."
    )
    return {"lent": number}
