from rapide import Rapide

app = Rapide(public_url="example.com/api")
