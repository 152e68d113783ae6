from rapide.auth import Client

client = Client(
    redirect_uris=("https://app.example.com/callback",),
    secret_hashes=("not-a-hash",),
)
