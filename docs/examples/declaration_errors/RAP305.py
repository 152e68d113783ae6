from rapide import Rapide

app = Rapide()
app.frontend("/app", directory=".", fallback="home.html")  # type: ignore[arg-type]
