import os

from rapide.auth import Keys, Tokens, generate_secret

new = os.environ.get("SECRET") or generate_secret()
old = os.environ.get("OLD_SECRET") or generate_secret()
# --8<-- [start:keys]
tokens = Tokens(
    Keys(new, former=[old]), issuer="https://library.example", audience="library"
)
# --8<-- [end:keys]
