from rapide.auth import RemoteKeys

keys = RemoteKeys("http://id.example.com/jwks.json")
