from rapide import Rapide

app = Rapide()
app.frontend("app", directory=".")
