from datetime import timedelta

from rapide.auth import Key, Keys, Tokens

tokens = Tokens(
    Keys(Key.generate()),
    issuer="https://api.example.com",
    audience="shop",
    leeway=timedelta(minutes=5),
)
