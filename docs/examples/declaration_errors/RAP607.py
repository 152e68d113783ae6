from rapide.auth import CSRFPolicy

policy = CSRFPolicy(trusted_origins=["app.example.com"])
