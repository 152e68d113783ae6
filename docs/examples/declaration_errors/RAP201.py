from rapide import Rapide

app = Rapide()

app.add_api_route("/books", ["Momo"])  # type: ignore[arg-type]  # the mistake
