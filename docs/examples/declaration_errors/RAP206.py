from rapide import Rapide

app = Rapide(max_body_size=-1)
