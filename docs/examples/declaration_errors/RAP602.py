from rapide import Rapide


def may_buy(amount: int, article: dict[str, str]) -> bool:
    return article["seller"] != "me"


app = Rapide()


@app.post("/orders", auth=may_buy)
def order() -> None: ...
