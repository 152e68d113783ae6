from rapide.auth import Tokens

tokens = Tokens("changeme", issuer="https://api.example.com", audience="shop")
