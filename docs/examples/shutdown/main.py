from rapide import Rapide

app = Rapide(title="Library", shutdown_grace=30)
