from rapide import Rapide

app = Rapide(auth="admin")
