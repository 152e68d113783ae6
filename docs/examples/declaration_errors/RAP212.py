from rapide import Rapide

app = Rapide(timeout=0)
