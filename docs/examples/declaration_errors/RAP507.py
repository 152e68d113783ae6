from rapide.auth import Client

client = Client(redirect_uris=("http://app.example.com/callback",))
