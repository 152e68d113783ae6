from rapide import Rapide

app = Rapide(allowed_hosts=["https://example.com"])
