import os

from rapide import Rapide
from rapide.auth import CSRFMiddleware, CSRFPolicy

app = Rapide(title="Library")
app.add_middleware(
    CSRFMiddleware,
    secrets=[os.environ.get("CSRF_SECRET", "of-this-machine-only-" + "0" * 32)],
    policy=CSRFPolicy(trusted_origins=["https://app.library.example"]),
)
